#include "pipeline/app_source.h"

#include <utility>

#include "gst/thread_sanitizer.h"

namespace skyline {

AppSource::AppSource(GstElement* appsrc, bool is_live, std::function<void()> on_need_data)
    : element_(ElementPtr::share(appsrc)), on_need_data_(std::move(on_need_data)) {
  // With a min-latency the max-latency counts, and means: a buffer may wait in the owner's queue as long as it must.
  g_object_set(appsrc, "format", GST_FORMAT_TIME, "is-live", static_cast<gboolean>(is_live), "block", FALSE, "do-timestamp", FALSE,
               "emit-signals", FALSE, "max-buffers", guint64{0}, "max-bytes", guint64{0}, "max-time", guint64{0}, "min-latency",
               gint64{0}, "max-latency", gint64{-1}, "stream-type", GST_APP_STREAM_TYPE_STREAM, nullptr);
  if (!on_need_data_) return;
  GstAppSrcCallbacks callbacks{};
  callbacks.need_data = &AppSource::need_data;
  SKYLINE_TSAN_RELEASE(this);
  gst_app_src_set_callbacks(GST_APP_SRC(appsrc), &callbacks, this, nullptr);
}

AppSource::~AppSource() {
  if (!on_need_data_) return;
  GstAppSrcCallbacks none{};
  gst_app_src_set_callbacks(GST_APP_SRC(element_.get()), &none, nullptr, nullptr);
}

void AppSource::need_data(GstAppSrc* /*appsrc*/, guint /*length*/, gpointer self) {
  SKYLINE_TSAN_ACQUIRE(self);
  static_cast<const AppSource*>(self)->on_need_data_();
}

void AppSource::set_caps(GstCaps* caps) { gst_app_src_set_caps(GST_APP_SRC(element_.get()), caps); }

bool AppSource::push(BufferPtr buffer) {
  SKYLINE_TSAN_RELEASE(buffer.get());  // acquired where it leaves the appsrc: StrideGuard::inspect
  return gst_app_src_push_buffer(GST_APP_SRC(element_.get()), buffer.release()) == GST_FLOW_OK;
}

bool AppSource::wants_data() const { return level() < 2; }

unsigned AppSource::level() const {
  return static_cast<unsigned>(gst_app_src_get_current_level_buffers(GST_APP_SRC(element_.get())));
}

void AppSource::end_of_stream() { gst_app_src_end_of_stream(GST_APP_SRC(element_.get())); }

}  // namespace skyline
