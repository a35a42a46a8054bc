#include "output/raw_output.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "clock/deadline.h"
#include "output/pipeline_output.h"
#include "pipeline/screen.h"
#include "report/errors.h"

namespace skyline {
namespace {

[[noreturn]] void refuse(int code, std::string message) {
  throw PipelineError(bus_error("shmsink", "resource", code, std::move(message)));
}

// What became of the one that last served at this path.
void clear_socket(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return;
  if (!S_ISSOCK(status.st_mode)) refuse(GST_RESOURCE_ERROR_OPEN_WRITE, "\"" + path + "\" exists and is no socket");
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path.c_str(), sizeof(address.sun_path) - 1);
  const int socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  const bool is_dead =
      ::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0 && errno == ECONNREFUSED;
  // As a reader that leaves again: one that leaves while it is greeted ends the other program's shmsink.
  const Deadline greeted(std::chrono::seconds(1));
  std::array<char, 4096> words{};
  for (pollfd greeting{socket, POLLIN, 0}; !is_dead && !greeted.passed() && ::poll(&greeting, 1, 300) > 0;) {
    if (::recv(socket, words.data(), words.size(), MSG_DONTWAIT) <= 0) break;
  }
  ::close(socket);
  if (!is_dead) refuse(GST_RESOURCE_ERROR_BUSY, "another program serves frames at \"" + path + "\"");
  ::unlink(path.c_str());
}

void look_before_opening(const ElementSpec& sink) {
  if (sink.factory == "autovideosink") refuse_without_screen();
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
