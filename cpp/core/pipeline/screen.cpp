#include "pipeline/screen.h"

#include <dlfcn.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "pipeline/element_spec.h"
#include "pipeline/live_element.h"
#include "report/errors.h"

namespace skyline {
namespace {

struct XDisplay;  // Xlib's Display, of which nothing is known here
using Handler = int (*)(XDisplay*);

struct Windows {
  std::mutex mutex;
  std::vector<std::shared_ptr<WeakElement>> sinks;  // guarded by mutex
  Handler before = nullptr;                         // guarded by mutex: what others had set
};

// Never destroyed: a thread may be in the handler while the process ends.
Windows& windows() {
  static auto* all = new Windows;
  return *all;
}

bool is_main_thread() { return static_cast<pid_t>(::syscall(SYS_gettid)) == ::getpid(); }

int lost(XDisplay* display) {
  std::vector<ElementPtr> sinks;
  Handler before = nullptr;
  {
    const std::lock_guard<std::mutex> lock(windows().mutex);
    before = windows().before;
    for (const auto& weak : windows().sinks) {
      if (ElementPtr sink = weak->get()) sinks.push_back(std::move(sink));
    }
  }
  if (is_main_thread() || sinks.empty()) return before != nullptr ? before(display) : 0;  // 0: Xlib ends the process
  for (ElementPtr& sink : sinks) {
    GST_ELEMENT_ERROR(sink.get(), RESOURCE, NOT_FOUND, ("The screen has gone: its X server closed the connection."),
                      (nullptr));
    static_cast<void>(sink.release());  // its last owner must not be here
  }
  while (true) ::pause();
}

void install() {
  static const auto set = [] {
    void* xlib = ::dlopen("libX11.so.6", RTLD_LAZY | RTLD_NOLOAD);  // there, or nobody shows a window with it
    return reinterpret_cast<Handler (*)(Handler)>(xlib != nullptr ? ::dlsym(xlib, "XSetIOErrorHandler") : nullptr);
  }();
  if (set == nullptr) return;
  const Handler before = set(&lost);
  if (before != &lost) windows().before = before;
}

void watch(GstElement* element) {
  const GstElementFactory* factory = gst_element_get_factory(element);
  const std::string name = factory != nullptr ? GST_OBJECT_NAME(factory) : "";
  if (name != "ximagesink" && name != "xvimagesink") return;
  auto weak = std::make_shared<WeakElement>();
  weak->set(element);
  const std::lock_guard<std::mutex> lock(windows().mutex);
  auto& sinks = windows().sinks;
  sinks.erase(std::remove_if(sinks.begin(), sinks.end(), [](const auto& other) { return !other->get(); }), sinks.end());
  sinks.push_back(std::move(weak));
  install();
}

[[noreturn]] void refuse(std::string message) {
  throw PipelineError(bus_error("autovideosink", "resource", GST_RESOURCE_ERROR_NOT_FOUND, std::move(message)));
}

const char* variable(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr && *value != '\0' ? value : nullptr;
}

// kmssink wants the whole screen, which a display server has; where there is no graphics device it takes six seconds
// to find out (libdrm looks again and again), and autovideosink asks it before ximagesink. Of this process alone.
void leave_screen_to_its_server() {
  const char* wishes = variable("GST_PLUGIN_FEATURE_RANK");
  if (wishes != nullptr && std::string(wishes).find("kmssink") != std::string::npos) return;
  const auto factory = FactoryPtr::adopt(gst_element_factory_find("kmssink"));
  if (factory) gst_plugin_feature_set_rank(GST_PLUGIN_FEATURE(factory.get()), GST_RANK_NONE);
}

}  // namespace

void refuse_without_screen() {
#ifdef __linux__
  const bool has_wayland = variable("WAYLAND_DISPLAY") != nullptr;
  const char* display = variable("DISPLAY");
  if (!has_wayland && display == nullptr) refuse("there is no screen: neither DISPLAY nor WAYLAND_DISPLAY is set");
  leave_screen_to_its_server();
  if (has_wayland) return;
  if (!FactoryPtr::adopt(gst_element_factory_find("ximagesink"))) return;
  // Opened once, as the sink will.
  const ElementPtr probe = make_element({"ximagesink", {}, {}, ""});
  const bool is_there = gst_element_set_state(probe.get(), GST_STATE_READY) != GST_STATE_CHANGE_FAILURE;
  gst_element_set_state(probe.get(), GST_STATE_NULL);
  if (!is_there) refuse("there is no screen: no X server answers at DISPLAY=" + std::string(display));
#endif
}

void refuse_without_screen_for(GstBin* bin) {
  bool has_one = false;
  GstIterator* found = gst_bin_iterate_all_by_element_factory_name(bin, "autovideosink");
  const auto note = [](const GValue* /*item*/, gpointer has) { *static_cast<bool*>(has) = true; };
  while (gst_iterator_foreach(found, note, &has_one) == GST_ITERATOR_RESYNC) gst_iterator_resync(found);
  gst_iterator_free(found);
  if (has_one) refuse_without_screen();
}

void survive_lost_screen(GstElement* pipeline) {
  const auto added = +[](GstBin*, GstBin*, GstElement* element, gpointer) { watch(element); };
  g_signal_connect(pipeline, "deep-element-added", G_CALLBACK(added), nullptr);
}

void survive_lost_screen_of(GstBin* bin) {
  GstIterator* elements = gst_bin_iterate_recurse(bin);
  const auto look = [](const GValue* item, gpointer /*data*/) { watch(GST_ELEMENT(g_value_get_object(item))); };
  while (gst_iterator_foreach(elements, look, nullptr) == GST_ITERATOR_RESYNC) gst_iterator_resync(elements);
  gst_iterator_free(elements);
}

}  // namespace skyline
