#include "pipeline/sink_watch.h"

#include <utility>

#include "gst/thread_sanitizer.h"

namespace skyline {
namespace {

template <typename Visit>
void for_each(GstIterator* things, Visit visit) {
  GValue item = G_VALUE_INIT;
  while (gst_iterator_next(things, &item) == GST_ITERATOR_OK) {
    visit(g_value_get_object(&item));
    g_value_reset(&item);
  }
  g_value_unset(&item);
  gst_iterator_free(things);
}

}  // namespace

SinkWatch::~SinkWatch() {
  for (const auto& door : doors_) gst_pad_remove_probe(door->pad.get(), door->probe);
}

void SinkWatch::watch(GstBin* bin, Arrival on_arrival) {
  on_arrival_ = std::move(on_arrival);
  watch_sinks(bin);
}

// A bin with pads of its own (autovideosink) is a sink like any other, whatever it makes inside later. One without
// is only a pair of brackets.
void SinkWatch::watch_sinks(GstBin* bin) {
  for_each(gst_bin_iterate_sinks(bin), [this](gpointer sink) {
    if (GST_IS_BIN(sink) && GST_ELEMENT(sink)->numsinkpads == 0) {
      watch_sinks(GST_BIN(sink));
    } else {
      for_each(gst_element_iterate_sink_pads(GST_ELEMENT(sink)), [this](gpointer pad) { watch_pad(GST_PAD(pad)); });
    }
  });
}

void SinkWatch::watch_pad(GstPad* pad) {
  doors_.push_back(std::make_unique<Door>(Door{this, PadPtr::share(pad)}));
  Door* door = doors_.back().get();
  SKYLINE_TSAN_RELEASE(door);
  door->probe = gst_pad_add_probe(
      pad, static_cast<GstPadProbeType>(GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_BUFFER_LIST),
      [](GstPad*, GstPadProbeInfo* info, gpointer data) {
        SKYLINE_TSAN_ACQUIRE(data);
        auto* through = static_cast<Door*>(data);
        if ((info->type & GST_PAD_PROBE_TYPE_BUFFER_LIST) != 0) {
          GstBufferList* list = GST_PAD_PROBE_INFO_BUFFER_LIST(info);
          for (guint n = 0; n < gst_buffer_list_length(list); ++n) through->take(gst_buffer_list_get(list, n));
        } else {
          through->take(GST_PAD_PROBE_INFO_BUFFER(info));
        }
        return GST_PAD_PROBE_OK;
      },
      door, nullptr);
}

void SinkWatch::Door::take(GstBuffer* buffer) {
  SKYLINE_TSAN_ACQUIRE(buffer);  // AppSource::push released it
  const GstClockTime pts = GST_BUFFER_PTS(buffer);
  if (!GST_CLOCK_TIME_IS_VALID(pts) || pts == std::exchange(last_pts, pts)) return;
  const EventPtr event = EventPtr::adopt(gst_pad_get_sticky_event(pad.get(), GST_EVENT_SEGMENT, 0));
  if (!event) return;
  const GstSegment* segment = nullptr;
  gst_event_parse_segment(event.get(), &segment);
  if (segment->format != GST_FORMAT_TIME) return;  // behind a muxer bytes may be counted
  const GstClockTime time = gst_segment_to_running_time(segment, GST_FORMAT_TIME, pts);
  if (GST_CLOCK_TIME_IS_VALID(time)) watch->on_arrival_(static_cast<std::int64_t>(time));
}

}  // namespace skyline
