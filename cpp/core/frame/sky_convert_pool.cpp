#include "frame/sky_convert_pool.h"

#include <gst/video/gstvideopool.h>

#include <cstdlib>
#include <memory>

namespace skyline {
namespace {

struct SkyTouchedPool {
  GstVideoBufferPool parent;
};
struct SkyTouchedPoolClass {
  GstVideoBufferPoolClass parent;
};

G_DEFINE_TYPE(SkyTouchedPool, sky_touched_pool, GST_TYPE_VIDEO_BUFFER_POOL)

gsize configured_bytes(GstBufferPool* pool) {
  GstStructure* config = gst_buffer_pool_get_config(pool);
  guint bytes = 0;
  gst_buffer_pool_config_get_params(config, nullptr, &bytes, nullptr, nullptr);
  gst_structure_free(config);
  return bytes;
}

GstFlowReturn alloc_buffer(GstBufferPool* pool, GstBuffer** buffer, GstBufferPoolAcquireParams* params) {
  // GLib ends the process where GStreamer's allocator finds no memory, so ask before it does.
  const std::unique_ptr<void, decltype(&std::free)> probe(std::malloc(configured_bytes(pool)), &std::free);
  if (!probe) return GST_FLOW_ERROR;
  const GstFlowReturn flow = GST_BUFFER_POOL_CLASS(sky_touched_pool_parent_class)->alloc_buffer(pool, buffer, params);
  if (flow == GST_FLOW_OK) gst_buffer_memset(*buffer, 0, 0, gst_buffer_get_size(*buffer));
  return flow;
}

void sky_touched_pool_class_init(SkyTouchedPoolClass* type) {
  GST_BUFFER_POOL_CLASS(type)->alloc_buffer = alloc_buffer;
}

void sky_touched_pool_init(SkyTouchedPool*) {}

}  // namespace

PoolPtr make_touched_pool() {
  return PoolPtr::adopt(GST_BUFFER_POOL(gst_object_ref_sink(g_object_new(sky_touched_pool_get_type(), nullptr))));
}

}  // namespace skyline
