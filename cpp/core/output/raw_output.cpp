#include "output/raw_output.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "output/pipeline_output.h"
#include "report/errors.h"

namespace skyline {
namespace {

[[noreturn]] void refuse(const std::string& element, int code, std::string message) {
  BusError error;
  error.element = element;
  error.domain = "resource";
  error.code = code;
  error.message = std::move(message);
  throw PipelineError(error);
}

const char* variable(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr && *value != '\0' ? value : nullptr;
}

// Asks the X server by opening it once, as the sink will.
void refuse_without_screen(const std::string& sink) {
#ifdef __linux__
  if (variable("WAYLAND_DISPLAY") != nullptr) return;
  const char* display = variable("DISPLAY");
  if (display == nullptr) refuse(sink, GST_RESOURCE_ERROR_NOT_FOUND, "there is no screen: neither DISPLAY nor WAYLAND_DISPLAY is set");
  if (!FactoryPtr::adopt(gst_element_factory_find("ximagesink"))) return;
  const ElementPtr probe = make_element({"ximagesink", {}, {}, ""});
  const bool has_screen = gst_element_set_state(probe.get(), GST_STATE_READY) != GST_STATE_CHANGE_FAILURE;
  gst_element_set_state(probe.get(), GST_STATE_NULL);
  if (!has_screen) refuse(sink, GST_RESOURCE_ERROR_NOT_FOUND, "there is no screen: no X server answers at DISPLAY=" + std::string(display));
#else
  static_cast<void>(sink);
#endif
}

// What became of the one that last served at this path.
void clear_socket(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return;
  if (!S_ISSOCK(status.st_mode)) refuse("shmsink", GST_RESOURCE_ERROR_OPEN_WRITE, "\"" + path + "\" exists and is no socket");
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path.c_str(), sizeof(address.sun_path) - 1);
  const int socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  const bool is_dead = ::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0 && errno == ECONNREFUSED;
  ::close(socket);
  if (!is_dead) refuse("shmsink", GST_RESOURCE_ERROR_BUSY, "another program serves frames at \"" + path + "\"");
  ::unlink(path.c_str());
}

void look_before_opening(const ElementSpec& sink) {
  if (sink.factory == "autovideosink") refuse_without_screen(sink.factory);
  if (sink.factory != "shmsink") return;
  for (const auto& [name, value] : sink.properties) {
    if (name == "socket-path") clear_socket(std::get<std::string>(value));
  }
}

}  // namespace

std::shared_ptr<Output> open_raw_output(const Recipe& recipe, const OutputContext& context) {
  try {
    if (!recipe.chain.empty()) look_before_opening(recipe.chain.back());
    auto output = PipelineOutput::create(recipe, context);
    output->open();
    return output;
  } catch (const PipelineError& failed) {
    BusError error = failed.error;
    if (!recipe.hint.empty()) error.message += " (" + recipe.hint + ")";
    throw PipelineError(std::move(error));
  }
}

}  // namespace skyline
