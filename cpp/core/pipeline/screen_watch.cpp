#include "pipeline/screen_watch.h"

#include <dlfcn.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "pipeline/live_element.h"

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
    GST_ELEMENT_ERROR(sink.get(), RESOURCE, NOT_FOUND, ("The screen has gone: its X server closed the connection."), (nullptr));
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

}  // namespace

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
