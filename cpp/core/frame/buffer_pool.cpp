#include "frame/buffer_pool.h"

#include <cstdlib>
#include <memory>
#include <new>
#include <vector>

#include "frame/frame_layout.h"
#include "frame/frame_wrap.h"

namespace skyline {

BufferPool::BufferPool(Format format, int width, int height, Rows rows, unsigned warm)
    : format_(format), rows_(rows), pool_(PoolPtr::adopt(gst_buffer_pool_new())) {
  gst_video_info_init(&info_);
  gst_video_info_set_format(&info_, to_gst(format), static_cast<guint>(width), static_cast<guint>(height));
  bytes_ = rows == Rows::padded ? GST_VIDEO_INFO_SIZE(&info_) : frame_bytes(format, width, height);

  // GLib ends the process where GStreamer's allocator finds no memory, so ask before it does.
  const std::unique_ptr<void, decltype(&std::free)> probe(std::malloc(bytes_ * (warm + 1)), &std::free);
  if (!probe) throw std::bad_alloc();

  GstStructure* config = gst_buffer_pool_get_config(pool_.get());
  gst_buffer_pool_config_set_params(config, nullptr, static_cast<guint>(bytes_), 0, 0);
  GstAllocationParams params;
  gst_allocation_params_init(&params);
  params.align = 63;  // whole SIMD vectors and cache lines
  gst_buffer_pool_config_set_allocator(config, nullptr, &params);
  gst_buffer_pool_set_config(pool_.get(), config);  // transfer full
  gst_buffer_pool_set_active(pool_.get(), TRUE);

  std::vector<BufferPtr> touched;
  for (unsigned i = 0; i < warm; ++i) touched.push_back(acquire());
}

BufferPool::~BufferPool() { gst_buffer_pool_set_active(pool_.get(), FALSE); }

BufferPtr BufferPool::acquire() {
  GstBuffer* buffer = nullptr;
  if (gst_buffer_pool_acquire_buffer(pool_.get(), &buffer, nullptr) != GST_FLOW_OK) throw std::bad_alloc();
  BufferPtr owned = BufferPtr::adopt(buffer);
  // Once in a buffer's life: what lies between the rows must not be somebody's old heap.
  static const GQuark was_cleared = g_quark_from_static_string("skyline-was-cleared");
  if (gst_mini_object_get_qdata(GST_MINI_OBJECT_CAST(buffer), was_cleared) == nullptr) {
    gst_buffer_memset(buffer, 0, 0, bytes_);
    gst_mini_object_set_qdata(GST_MINI_OBJECT_CAST(buffer), was_cleared, this, nullptr);
  }
  if (rows_ == Rows::tight && gst_buffer_get_video_meta(buffer) == nullptr) {
    describe_rows(buffer, view_of(buffer).as_const(), bytes_);
  }
  return owned;
}

MutableFrameView BufferPool::view_of(GstBuffer* buffer) const {
  GstMapInfo map;
  if (gst_buffer_map(buffer, &map, GST_MAP_WRITE) == 0) throw std::bad_alloc();
  std::uint8_t* data = map.data;
  gst_buffer_unmap(buffer, &map);
  if (rows_ == Rows::tight) return tight_view(format_, GST_VIDEO_INFO_WIDTH(&info_), GST_VIDEO_INFO_HEIGHT(&info_), data);
  MutableFrameView view;
  view.format = format_;
  view.width = GST_VIDEO_INFO_WIDTH(&info_);
  view.height = GST_VIDEO_INFO_HEIGHT(&info_);
  for (std::size_t plane = 0; plane < static_cast<std::size_t>(plane_count(format_)); ++plane) {
    view.plane[plane] = data + GST_VIDEO_INFO_PLANE_OFFSET(&info_, plane);
    view.stride[plane] = GST_VIDEO_INFO_PLANE_STRIDE(&info_, plane);
  }
  return view;
}

}  // namespace skyline
