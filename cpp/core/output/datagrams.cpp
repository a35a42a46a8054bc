#include "output/datagrams.h"

#include <algorithm>

#include "gst/thread_sanitizer.h"

namespace skyline {
namespace {

// The packets of one frame as one buffer, with the times and flags of the first. The memory stays shared.
BufferPtr joined(GstBufferList* list) {
  BufferPtr whole = BufferPtr::adopt(gst_buffer_copy(gst_buffer_list_get(list, 0)));
  for (guint n = 1; n < gst_buffer_list_length(list); ++n) {
    gst_buffer_copy_into(whole.get(), gst_buffer_list_get(list, n), GST_BUFFER_COPY_MEMORY, 0, static_cast<gsize>(-1));
  }
  return whole;
}

GstBufferList* datagrams_of(GstBuffer* whole, std::size_t most_bytes) {
  const std::size_t size = gst_buffer_get_size(whole);
  GstBufferList* list = gst_buffer_list_new_sized(static_cast<guint>(size / most_bytes + 1));
  for (std::size_t at = 0; at < size; at += most_bytes) {
    GstBuffer* piece = gst_buffer_copy_region(whole, GST_BUFFER_COPY_ALL, at, std::min(most_bytes, size - at));
    // The muxer calls all of the first frame a header, with the tables in front of it; srtsink throws headers
    // away, because it has them from the caps, and would begin without a key frame.
    GST_BUFFER_FLAG_UNSET(piece, GST_BUFFER_FLAG_HEADER);
    gst_buffer_list_add(list, piece);
  }
  return list;
}

GstPadProbeReturn cut(GstPad* pad, GstPadProbeInfo* info, gpointer most_bytes) {
  BufferPtr whole;
  if ((info->type & GST_PAD_PROBE_TYPE_BUFFER_LIST) != 0) {
    GstBufferList* list = GST_PAD_PROBE_INFO_BUFFER_LIST(info);
    if (gst_buffer_list_length(list) == 0) return GST_PAD_PROBE_OK;
    whole = joined(list);
  } else {
    SKYLINE_TSAN_ACQUIRE(GST_PAD_PROBE_INFO_BUFFER(info));
    whole = BufferPtr::share(GST_PAD_PROBE_INFO_BUFFER(info));
  }
  // Past the probes of this pad: it would come here again.
  const PadPtr peer = PadPtr::adopt(gst_pad_get_peer(pad));
  GST_PAD_PROBE_INFO_FLOW_RETURN(info) =
      peer ? gst_pad_chain_list(peer.get(), datagrams_of(whole.get(), GPOINTER_TO_SIZE(most_bytes)))
           : GST_FLOW_NOT_LINKED;
  gst_mini_object_unref(GST_MINI_OBJECT_CAST(GST_PAD_PROBE_INFO_DATA(info)));
  GST_PAD_PROBE_INFO_DATA(info) = nullptr;
  return GST_PAD_PROBE_HANDLED;
}

}  // namespace

void cut_into_datagrams(GstPad* pad, std::size_t most_bytes) {
  gst_pad_add_probe(pad, static_cast<GstPadProbeType>(GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_BUFFER_LIST), cut,
                    GSIZE_TO_POINTER(most_bytes), nullptr);
}

}  // namespace skyline
