#include "gst/runtime.h"

#include <dlfcn.h>
#include <gst/gst.h>
#include <pthread.h>

#include <atomic>
#include <mutex>

#include "gst/owned.h"
#include "report/errors.h"

namespace skyline {
namespace {

std::atomic<bool> in_use{false};
std::atomic<bool> forked{false};

extern "C" void note_fork() { forked.store(in_use.load()); }

// libgstreamer pulls libunwind, whose _Unwind_Resume shadows libgcc's: a plugin that throws (libsrt
// does) then ends in std::terminate. libgcc_s in the global scope comes first in every later lookup.
void prefer_libgcc_unwinder() { dlopen("libgcc_s.so.1", RTLD_NOW | RTLD_GLOBAL); }

void initialise() {
  prefer_libgcc_unwinder();
  GError* raw_error = nullptr;
  if (gst_init_check(nullptr, nullptr, &raw_error) == 0) {
    const GErrorPtr error(raw_error);
    throw StateError(std::string("GStreamer did not initialise: ") + (error ? error->message : "no reason given"));
  }
  pthread_atfork(nullptr, nullptr, note_fork);
  in_use.store(true);
}

FactoryPtr factory(const std::string& name) { return FactoryPtr::adopt(gst_element_factory_find(name.c_str())); }

}  // namespace

void ensure_runtime() {
  refuse_after_fork();
  static std::once_flag once;
  std::call_once(once, initialise);
}

bool forked_after_use() noexcept { return forked.load(); }

void refuse_after_fork() {
  if (forked_after_use()) {
    throw StateError(
        "this process was forked after GStreamer had started, and GStreamer does not survive fork; "
        "use multiprocessing's \"spawn\", or touch skyline only in the child");
  }
}

std::string gstreamer_version() {
  guint major = 0, minor = 0, micro = 0, nano = 0;
  gst_version(&major, &minor, &micro, &nano);
  return std::to_string(major) + "." + std::to_string(minor) + "." + std::to_string(micro);
}

ElementInfo find_element(const std::string& factory_name) {
  ensure_runtime();
  const FactoryPtr found = factory(factory_name);
  if (!found) return {};
  GstPluginFeature* feature = GST_PLUGIN_FEATURE(found.get());
  ElementInfo info;
  info.name = factory_name;
  info.rank = gst_plugin_feature_get_rank(feature);
  const char* klass = gst_element_factory_get_metadata(found.get(), GST_ELEMENT_METADATA_KLASS);
  info.klass = klass != nullptr ? klass : "";
  const auto plugin = Owned<GstPlugin>::adopt(gst_plugin_feature_get_plugin(feature));
  if (plugin) {
    info.plugin = gst_plugin_get_name(plugin.get());
    info.version = gst_plugin_get_version(plugin.get());
  }
  return info;
}

void deinit_runtime() { gst_deinit(); }

}  // namespace skyline
