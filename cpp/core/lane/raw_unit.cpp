#include "lane/raw_unit.h"

namespace skyline {
namespace {

BufferPtr read_only_share(GstBuffer* frame) {
  BufferPtr shared =
      BufferPtr::adopt(gst_buffer_copy(frame));  // where the rows lie comes along, but not without the memory
  for (guint n = 0; n < gst_buffer_n_memory(frame); ++n) {
    GstMemory* part = gst_memory_share(gst_buffer_peek_memory(frame, n), 0, -1);
    if (part == nullptr)
      return BufferPtr::adopt(gst_buffer_copy_deep(frame));  // memory that says it is not to be shared
    GST_MINI_OBJECT_FLAG_SET(part, GST_MEMORY_FLAG_READONLY);
    gst_buffer_replace_memory(shared.get(), n, part);
  }
  gst_buffer_add_parent_buffer_meta(shared.get(), frame);
  return shared;
}

}  // namespace

Unit raw_unit(GstBuffer* frame, GstCaps* caps) {
  Unit unit;
  unit.buffer = read_only_share(frame);
  GST_BUFFER_FLAG_UNSET(unit.buffer.get(), GST_BUFFER_FLAG_DELTA_UNIT);
  unit.caps = CapsPtr::share(caps);
  unit.pts_ns = static_cast<std::int64_t>(GST_BUFFER_PTS(frame));
  unit.bytes = gst_buffer_get_size(frame);
  unit.is_key = true;
  return unit;
}

void accept_any_stride(GstPad* pad) {
  gst_pad_add_probe(
      pad, GST_PAD_PROBE_TYPE_QUERY_DOWNSTREAM,
      [](GstPad*, GstPadProbeInfo* info, gpointer) {
        GstQuery* query = GST_PAD_PROBE_INFO_QUERY(info);
        if (GST_QUERY_TYPE(query) != GST_QUERY_ALLOCATION) return GST_PAD_PROBE_OK;
        gst_query_add_allocation_meta(query, GST_VIDEO_META_API_TYPE, nullptr);
        return GST_PAD_PROBE_HANDLED;
      },
      nullptr, nullptr);
}

}  // namespace skyline
