#include "frame/frame_wrap.h"

#include "gst/address_sanitizer.h"
#include "gst/thread_sanitizer.h"

namespace skyline {

void describe_rows(GstBuffer* buffer, const FrameView& view, std::size_t extent_bytes) {
  GstVideoInfo info;
  gst_video_info_init(&info);
  gst_video_info_set_format(&info, to_gst(view.format), static_cast<guint>(view.width), static_cast<guint>(view.height));

  gsize offset[GST_VIDEO_MAX_PLANES] = {};
  gint stride[GST_VIDEO_MAX_PLANES] = {};
  bool is_default = extent_bytes == GST_VIDEO_INFO_SIZE(&info);
  const auto planes = static_cast<std::size_t>(plane_count(view.format));
  for (std::size_t plane = 0; plane < planes; ++plane) {
    offset[plane] = static_cast<gsize>(view.plane[plane] - view.plane[0]);
    stride[plane] = static_cast<gint>(view.stride[plane]);
    is_default = is_default && offset[plane] == GST_VIDEO_INFO_PLANE_OFFSET(&info, plane) &&
                 stride[plane] == GST_VIDEO_INFO_PLANE_STRIDE(&info, plane);
  }
  if (is_default) return;
  gst_buffer_add_video_meta_full(buffer, GST_VIDEO_FRAME_FLAG_NONE, to_gst(view.format), static_cast<guint>(view.width),
                                 static_cast<guint>(view.height), static_cast<guint>(planes), offset, stride);
}

BufferPtr wrap_frame(const FrameLayout& layout, std::unique_ptr<Lent> lent) {
  const std::size_t bytes = layout.extent_bytes();
  // GStreamer takes a mutable pointer; the READONLY flag is what keeps its promise.
  auto* memory = const_cast<std::uint8_t*>(layout.view().plane[0]);
  SKYLINE_TSAN_RELEASE(lent.get());
  BufferPtr buffer = BufferPtr::adopt(gst_buffer_new_wrapped_full(
      GST_MEMORY_FLAG_READONLY, memory, bytes, 0, bytes, lent.release(),
      [](gpointer owner) { ReleaseQueue::instance().append(static_cast<Lent*>(owner)); }));
  expect_alive_until_released(buffer.get(), memory, bytes);
  describe_rows(buffer.get(), layout.view(), bytes);
  return buffer;
}

}  // namespace skyline
