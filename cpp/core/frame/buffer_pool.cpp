#include "frame/buffer_pool.h"

#include <cstring>
#include <stdexcept>
#include <vector>

#include "frame/frame_layout.h"
#include "frame/frame_wrap.h"

namespace skyline {

BufferPool::BufferPool(Format format, int width, int height, Rows rows, unsigned warm)
    : format_(format), rows_(rows), pool_(PoolPtr::adopt(gst_buffer_pool_new())) {
  gst_video_info_init(&info_);
  gst_video_info_set_format(&info_, to_gst(format), static_cast<guint>(width), static_cast<guint>(height));
  bytes_ = rows == Rows::padded ? GST_VIDEO_INFO_SIZE(&info_) : frame_bytes(format, width, height);

  GstStructure* config = gst_buffer_pool_get_config(pool_.get());
  gst_buffer_pool_config_set_params(config, nullptr, static_cast<guint>(bytes_), 0, 0);
  GstAllocationParams params;
  gst_allocation_params_init(&params);
  params.align = 63;  // whole SIMD vectors and cache lines
  gst_buffer_pool_config_set_allocator(config, nullptr, &params);
  gst_buffer_pool_set_config(pool_.get(), config);  // transfer full
  gst_buffer_pool_set_active(pool_.get(), TRUE);

  std::vector<BufferPtr> touched;
  for (unsigned i = 0; i < warm; ++i) {
    touched.push_back(acquire());
    gst_buffer_memset(touched.back().get(), 0, 0, bytes_);
  }
}

BufferPool::~BufferPool() { gst_buffer_pool_set_active(pool_.get(), FALSE); }

BufferPtr BufferPool::acquire() {
  GstBuffer* buffer = nullptr;
  if (gst_buffer_pool_acquire_buffer(pool_.get(), &buffer, nullptr) != GST_FLOW_OK) throw std::bad_alloc();
  BufferPtr owned = BufferPtr::adopt(buffer);
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
