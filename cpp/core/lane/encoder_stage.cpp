#include "lane/encoder_stage.h"

#include <algorithm>
#include <utility>

#include "gst/thread_sanitizer.h"
#include "lane/raw_caps.h"

namespace skyline {
namespace {

// Asks upstream of the appsink. Not gst_element_send_event: that takes the state lock.
void send_force_key_unit(GstElement* appsink, std::int64_t running_time_ns) {
  const PadPtr pad = PadPtr::adopt(gst_element_get_static_pad(appsink, "sink"));
  const GstClockTime at = running_time_ns < 0 ? GST_CLOCK_TIME_NONE : static_cast<GstClockTime>(running_time_ns);
  gst_pad_push_event(pad.get(), gst_video_event_new_upstream_force_key_unit(at, TRUE, 0));
}

// A negative running time (a DTS before the first frame) has no place in a buffer: it becomes 0.
GstClockTime running_time(const GstSegment* segment, GstClockTime stamp) {
  if (!GST_CLOCK_TIME_IS_VALID(stamp)) return GST_CLOCK_TIME_NONE;
  guint64 result = 0;
  const int sign = gst_segment_to_running_time_full(segment, GST_FORMAT_TIME, stamp, &result);
  return sign < 0 ? 0 : result;
}

}  // namespace

LaneFormat lane_format(FrameSize given, const EncoderSettings& encoder) {
  LaneFormat lane{encoder.format, given.width, given.height, std::nullopt};
  if (!is_planar(encoder.format)) return lane;
  return {encoder.format, even(given.width), even(given.height), encoder.colorimetry};
}

ChainSpec encoder_chain(const LaneFormat& lane, const EncoderSettings& encoder) {
  const CapsPtr raw = raw_caps_any_rate(lane.format, lane.width, lane.height, lane.colorimetry);
  ChainSpec chain;
  chain.push_back({"appsrc", {}, {}, ""});
  chain.push_back({"skyconvert", {}, {}, ""});
  chain.push_back({"capsfilter", {{"caps", take_string(gst_caps_to_string(raw.get()))}}, {}, "raw-caps"});
  chain.insert(chain.end(), encoder.chain.begin(), encoder.chain.end());
  chain.push_back({"appsink",
                   {{"sync", false}, {"async", false}, {"enable-last-sample", false}, {"max-buffers", std::int64_t{8}}},
                   {},
                   ""});
  return chain;
}

void EncoderStage::attach(GstElement* appsink, std::int64_t keyframe_ns) {
  keyframe_ns_ = keyframe_ns;
  GstAppSinkCallbacks callbacks{};
  callbacks.new_sample = [](GstAppSink* sink, gpointer self) {
    SKYLINE_TSAN_ACQUIRE(self);
    const SamplePtr sample = SamplePtr::adopt(gst_app_sink_pull_sample(sink));
    if (sample) static_cast<EncoderStage*>(self)->take_unit(sample.get());
    return GST_FLOW_OK;
  };
  callbacks.eos = [](GstAppSink*, gpointer self) {
    SKYLINE_TSAN_ACQUIRE(self);
    static_cast<EncoderStage*>(self)->fan_out_.end_of_units();
    static_cast<EncoderStage*>(self)->listeners_.ended();
  };
  SKYLINE_TSAN_RELEASE(this);
  gst_app_sink_set_callbacks(GST_APP_SINK(appsink), &callbacks, this, nullptr);
  fan_out_.set_key_unit_request(
      [sink = ElementPtr::share(appsink)](std::int64_t at_ns) { send_force_key_unit(sink.get(), at_ns); });
}

void EncoderStage::take_unit(GstSample* sample) {
  const GstSegment* segment = gst_sample_get_segment(sample);
  Unit unit;
  unit.buffer = BufferPtr::adopt(gst_buffer_copy(gst_sample_get_buffer(sample)));  // the memory is shared
  GstBuffer* buffer = unit.buffer.get();
  GST_BUFFER_PTS(buffer) = running_time(segment, GST_BUFFER_PTS(buffer));
  GST_BUFFER_DTS(buffer) = running_time(segment, GST_BUFFER_DTS(buffer));
  unit.caps = CapsPtr::share(gst_sample_get_caps(sample));
  unit.pts_ns = static_cast<std::int64_t>(GST_BUFFER_PTS(buffer));
  unit.bytes = gst_buffer_get_size(buffer);
  unit.is_key = !GST_BUFFER_FLAG_IS_SET(buffer, GST_BUFFER_FLAG_DELTA_UNIT);
  bytes_ += unit.bytes;
  unit.put_ns = listeners_.unit(unit.pts_ns);
  fan_out_.push(unit);
  // Afterwards: whoever sees that there was one may take the encoder's work away.
  key_units_ += unit.is_key ? 1 : 0;
  ask_for_key_units_by_time(unit);
}

// Key frame distance is a time, whatever the rate does. Asked for two frames (and at least 100 ms) ahead,
// because an encoder may already have the next one; not earlier, because a scene cut may make one before.
void EncoderStage::ask_for_key_units_by_time(const Unit& unit) {
  constexpr std::int64_t least_ahead_ns = 100'000'000;
  if (keyframe_ns_ <= 0) return;
  // A caller's time may jump by years: further ahead than one key frame distance is never needed.
  const std::int64_t distance_ns = std::min(unit.pts_ns - std::exchange(last_pts_ns_, unit.pts_ns), keyframe_ns_);
  if (unit.is_key) {
    next_key_ns_ = unit.pts_ns + keyframe_ns_;
    asked_for_key_ = false;
  }
  if (asked_for_key_ || unit.pts_ns + std::max(least_ahead_ns, distance_ns * 5 / 2) < next_key_ns_) return;
  asked_for_key_ = true;
  fan_out_.request_key_unit(next_key_ns_);
}

}  // namespace skyline
