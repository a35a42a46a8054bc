#include "lane/encode_lane.h"

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

ChainSpec lane_chain(const EncoderSettings& encoder, GstCaps* raw) {
  ChainSpec chain;
  chain.push_back({"appsrc", {}, {}, ""});
  chain.push_back({"skyconvert", {}, {}, ""});
  chain.push_back({"capsfilter", {{"caps", take_string(gst_caps_to_string(raw))}}, {}, "raw-caps"});
  chain.insert(chain.end(), encoder.chain.begin(), encoder.chain.end());
  chain.push_back({"appsink", {{"sync", false}, {"async", false}, {"enable-last-sample", false}, {"max-buffers", std::int64_t{8}}}, {}, ""});
  return chain;
}

}  // namespace

EncodeLane::EncodeLane(IntakeSettings settings) : Lane(settings) {
  failure_->on_latch([this] { ended_.notify_all(); });
}

EncodeLane::~EncodeLane() { fan_out_.set_key_unit_request({}); }

void EncodeLane::start(FrameSize given, const EncoderSettings& encoder) {
  const bool is_420 = is_planar(encoder.format);
  LaneFormat lane{encoder.format, is_420 ? even(given.width) : given.width, is_420 ? even(given.height) : given.height, std::nullopt};
  if (is_420) lane.colorimetry = encoder.colorimetry;
  const ChainSpec chain = lane_chain(encoder, raw_caps_any_rate(lane.format, lane.width, lane.height, lane.colorimetry).get());
  keyframe_ns_ = encoder.keyframe_ns;

  auto pipeline = std::make_unique<Pipeline>("", chain_text(chain), failure_, events_);
  const auto elements = add_chain(pipeline->bin(), chain);
  appsink_ = elements.back();
  GstAppSinkCallbacks callbacks{};
  callbacks.new_sample = [](GstAppSink* sink, gpointer self) {
    SKYLINE_TSAN_ACQUIRE(self);
    const SamplePtr sample = SamplePtr::adopt(gst_app_sink_pull_sample(sink));
    if (sample) static_cast<EncodeLane*>(self)->take_unit(sample.get());
    return GST_FLOW_OK;
  };
  callbacks.eos = [](GstAppSink*, gpointer self) {
    SKYLINE_TSAN_ACQUIRE(self);
    static_cast<EncodeLane*>(self)->end_of_units();
  };
  gst_app_sink_set_callbacks(GST_APP_SINK(appsink_.get()), &callbacks, this, nullptr);
  fan_out_.set_key_unit_request([appsink = appsink_](std::int64_t at_ns) { send_force_key_unit(appsink.get(), at_ns); });

  intake_.open(given, lane);
  // B-frames need decoding times before the first frame, and a buffer has no negative ones. The
  // outputs count from their own first key unit, so the second does not show.
  if (!is_live()) intake_.begin_at(GST_SECOND);
  pipeline_ = std::move(pipeline);
  adopt_source(elements.front().get());
  SKYLINE_TSAN_RELEASE(this);
  pipeline_->pause(time_);
  pipeline_->play();
}

void EncodeLane::take_unit(GstSample* sample) {
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
  key_units_ += unit.is_key ? 1 : 0;
  bytes_encoded_ += unit.bytes;
  unit.put_ns = intake_.queue().note_encoded(unit.pts_ns);
  fan_out_.push(unit);
  ask_for_key_units_by_time(unit);
}

// Key frame distance is a time, whatever the rate does. Asked for two frames (and at least 100 ms) ahead,
// because an encoder may already have the next one; not earlier, because a scene cut may make one before.
void EncodeLane::ask_for_key_units_by_time(const Unit& unit) {
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

void EncodeLane::end_of_units() {
  fan_out_.end_of_units();
  {
    const std::lock_guard<std::mutex> lock(end_mutex_);
    saw_end_ = true;
  }
  ended_.notify_all();
}

bool EncodeLane::finish(const Deadline& deadline, const Interrupt& interrupt) {
  if (!pipeline_) {
    fan_out_.end_of_units();
    return true;
  }
  while (true) {
    {
      std::unique_lock<std::mutex> lock(end_mutex_);
      ended_.wait_until(lock, deadline.slice(), [this] { return saw_end_ || failure_->happened(); });
      if (saw_end_) return true;
    }
    if (failure_->happened() || deadline.passed()) {
      fan_out_.end_of_units();
      return false;
    }
    if (interrupt) interrupt();
  }
}

LaneStats EncodeLane::stats() const {
  LaneStats stats = Lane::stats();
  stats.key_units = key_units_.load();
  stats.bytes_encoded = bytes_encoded_.load();
  return stats;
}

}  // namespace skyline
