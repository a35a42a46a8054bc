#include "pipeline/stride_guard.h"

#include <utility>

#include "gst/thread_sanitizer.h"

namespace skyline {
namespace {

// The same picture at GStreamer's default strides; null where it cannot be mapped.
BufferPtr with_default_rows(GstBuffer* buffer, GstCaps* caps) {
  GstVideoInfo info;
  GstVideoFrame from, to;
  if (gst_video_info_from_caps(&info, caps) == 0) return {};
  if (gst_video_frame_map(&from, &info, buffer, GST_MAP_READ) == 0) return {};
  BufferPtr plain = BufferPtr::adopt(gst_buffer_new_allocate(nullptr, GST_VIDEO_INFO_SIZE(&info), nullptr));
  gst_buffer_memset(plain.get(), 0, 0, GST_VIDEO_INFO_SIZE(&info));  // what lies between the rows is written out too
  if (gst_video_frame_map(&to, &info, plain.get(), GST_MAP_WRITE) == 0) {
    gst_video_frame_unmap(&from);
    return {};
  }
  gst_video_frame_copy(&to, &from);
  gst_video_frame_unmap(&to);
  gst_video_frame_unmap(&from);
  gst_buffer_copy_into(plain.get(), buffer, static_cast<GstBufferCopyFlags>(GST_BUFFER_COPY_FLAGS | GST_BUFFER_COPY_TIMESTAMPS), 0, static_cast<gsize>(-1));
  return plain;
}

}  // namespace

void StrideGuard::watch(GstPad* pad, std::function<void()> on_pass) {
  pad_ = PadPtr::share(pad);
  on_pass_ = std::move(on_pass);
  SKYLINE_TSAN_RELEASE(this);
  probe_ = gst_pad_add_probe(
      pad, GST_PAD_PROBE_TYPE_BUFFER,
      [](GstPad*, GstPadProbeInfo* info, gpointer self) {
        SKYLINE_TSAN_ACQUIRE(self);
        return static_cast<StrideGuard*>(self)->inspect(info);
      },
      this, nullptr);
}

StrideGuard::~StrideGuard() {
  if (pad_) gst_pad_remove_probe(pad_.get(), probe_);
}

GstPadProbeReturn StrideGuard::inspect(GstPadProbeInfo* info) {
  GstBuffer* buffer = GST_PAD_PROBE_INFO_BUFFER(info);
  SKYLINE_TSAN_ACQUIRE(buffer);
  if (on_pass_) on_pass_();
  if (gst_buffer_get_video_meta(buffer) == nullptr) return GST_PAD_PROBE_OK;
  const CapsPtr caps = CapsPtr::adopt(gst_pad_get_current_caps(pad_.get()));
  if (!caps || downstream_reads_meta(caps.get())) return GST_PAD_PROBE_OK;
  if (BufferPtr plain = with_default_rows(buffer, caps.get())) {
    gst_buffer_unref(buffer);  // the probe owns what it replaces
    info->data = plain.release();
    ++copied_;
  }
  return GST_PAD_PROBE_OK;
}

bool StrideGuard::downstream_reads_meta(GstCaps* caps) {
  if (asked_caps_.get() == caps) return reads_meta_;
  const QueryPtr query = QueryPtr::adopt(gst_query_new_allocation(caps, FALSE));
  reads_meta_ = gst_pad_peer_query(pad_.get(), query.get()) != 0 &&
                gst_query_find_allocation_meta(query.get(), GST_VIDEO_META_API_TYPE, nullptr) != 0;
  asked_caps_ = CapsPtr::share(caps);
  return reads_meta_;
}

}  // namespace skyline
