#include "lane/encode_lane.h"

#include <utility>

#include "gst/thread_sanitizer.h"
#include "lane/raw_caps.h"
#include "lane/raw_unit.h"
#include "report/errors.h"

namespace skyline {
namespace {

ChainSpec raw_chain() {
  return {{"appsrc", {}, {}, ""},
          {"appsink", {{"sync", false}, {"async", false}, {"enable-last-sample", false}, {"max-buffers", std::int64_t{2}}}, {}, ""}};
}

}  // namespace

EncodeLane::EncodeLane(IntakeSettings settings)
    : Lane(settings),
      stage_(fan_out_, {[this](std::int64_t pts_ns) {
                          return late_encoder() ? intake_.queue().put_time(pts_ns) : intake_.queue().note_encoded(pts_ns);
                        },
                        [this] { end_of_units(); }}) {
  failure_->on_latch([this] {
    if (const auto late = late_encoder()) late->close();
    ended_.notify_all();
  });
}

EncodeLane::~EncodeLane() { fan_out_.set_key_unit_request({}); }

void EncodeLane::start(FrameSize given, const EncoderSettings& encoder) {
  const LaneFormat lane = lane_format(given, encoder);
  const ChainSpec chain = encoder_chain(lane, encoder);
  auto pipeline = std::make_unique<Pipeline>("", chain_text(chain), failure_, events_);
  const auto elements = add_chain(pipeline->bin(), chain);
  stage_.attach(elements.back().get(), encoder.keyframe_ns);
  SKYLINE_TSAN_RELEASE(this);
  gst_pad_add_probe(
      PadPtr::adopt(gst_element_get_static_pad(elements[2].get(), "src")).get(), GST_PAD_PROBE_TYPE_BUFFER,
      [](GstPad* pad, GstPadProbeInfo* info, gpointer self) {
        SKYLINE_TSAN_ACQUIRE(self);
        return static_cast<EncodeLane*>(self)->tap(pad, GST_PAD_PROBE_INFO_BUFFER(info));
      },
      this, nullptr);
  {
    const std::lock_guard<std::mutex> lock(end_mutex_);
    units_ended_ = false;
  }
  intake_.open(given, lane, [this] { return raw_fan_out_.size() != 0 || is_watched(); });
  // B-frames need decoding times before the first frame, and a buffer has no negative ones. The
  // outputs count from their own first key unit, so the second does not show.
  if (!is_live()) intake_.begin_at(GST_SECOND);
  pipeline_ = std::move(pipeline);
  adopt_source(elements.front().get());
  pipeline_->pause(time_);
  pipeline_->play();
}

void EncodeLane::start_raw(FrameSize given, std::optional<Colorimetry> colours) {
  const Format format = intake_.settings().format;
  auto pipeline = std::make_unique<Pipeline>("", chain_text(raw_chain()), failure_, events_);
  const auto elements = add_chain(pipeline->bin(), raw_chain());
  GstAppSinkCallbacks callbacks{};
  callbacks.new_sample = [](GstAppSink* sink, gpointer self) {
    SKYLINE_TSAN_ACQUIRE(self);
    const SamplePtr sample = SamplePtr::adopt(gst_app_sink_pull_sample(sink));
    if (sample) static_cast<EncodeLane*>(self)->take_frame(sample.get());
    return GST_FLOW_OK;
  };
  callbacks.eos = [](GstAppSink*, gpointer self) {
    SKYLINE_TSAN_ACQUIRE(self);
    static_cast<EncodeLane*>(self)->end_of_frames();
  };
  SKYLINE_TSAN_RELEASE(this);
  gst_app_sink_set_callbacks(GST_APP_SINK(elements.back().get()), &callbacks, this, nullptr);
  accept_any_stride(PadPtr::adopt(gst_element_get_static_pad(elements.back().get(), "sink")).get());
  intake_.open(given, {format, given.width, given.height, is_planar(format) ? colours : std::nullopt});
  if (!is_live()) intake_.begin_at(GST_SECOND);  // for the encoder that may come
  pipeline_ = std::move(pipeline);
  adopt_source(elements.front().get());
  pipeline_->pause(time_);
  pipeline_->play();
}

void EncodeLane::add_encoder(const EncoderSettings& encoder) {
  intake_.queue().refuse_unless_open();
  const auto late = std::make_shared<LateEncoder>(intake_.size(), encoder, intake_.settings(), time_, stage_,
                                                  [this] { return is_watched(); }, failure_, events_);
  bool is_over = false;
  {
    const std::lock_guard<std::mutex> lock(end_mutex_);
    late_encoder_ = late;
    units_ended_ = false;
    is_over = frames_ended_;
  }
  raw_fan_out_.add(late);
  if (is_over) late->end_of_units();
}

// Whether anybody is there to encode for. The first frames always are encoded, until a key unit has come out: who
// comes later is told by it what the stream is. What comes after a pause begins with a key unit.
bool EncodeLane::is_watched() {
  const auto anybody = [this] { return fan_out_.size() != 0 ? fan_out_.wants_units() : raw_fan_out_.size() == 0; };
  const bool watched = stage_.key_units() == 0 || anybody();
  if (!was_watched_.exchange(watched) && watched) fan_out_.request_key_unit();
  return watched;
}

GstPadProbeReturn EncodeLane::tap(GstPad* pad, GstBuffer* frame) {
  const auto pts_ns = static_cast<std::int64_t>(GST_BUFFER_PTS(frame));
  if (raw_fan_out_.size() != 0) {
    const CapsPtr caps = CapsPtr::adopt(gst_pad_get_current_caps(pad));
    push_raw(frame, caps.get(), intake_.queue().put_time(pts_ns));
  }
  if (is_watched()) return GST_PAD_PROBE_OK;
  intake_.queue().note_dropped(DropReason::unwatched);
  return GST_PAD_PROBE_DROP;
}

void EncodeLane::take_frame(GstSample* sample) {
  GstBuffer* frame = gst_sample_get_buffer(sample);
  push_raw(frame, gst_sample_get_caps(sample), intake_.queue().note_encoded(static_cast<std::int64_t>(GST_BUFFER_PTS(frame))));
}

void EncodeLane::push_raw(GstBuffer* frame, GstCaps* caps, std::optional<std::int64_t> put_ns) {
  Unit unit = raw_unit(frame, caps);
  unit.put_ns = put_ns;
  raw_fan_out_.push(unit);
}

void EncodeLane::end_of_frames() {
  raw_fan_out_.end_of_units();
  {
    const std::lock_guard<std::mutex> lock(end_mutex_);
    frames_ended_ = true;
  }
  ended_.notify_all();
}

// The lane's own encoder ends behind the last frame; a late one ends by itself.
void EncodeLane::end_of_units() {
  {
    const std::lock_guard<std::mutex> lock(end_mutex_);
    units_ended_ = true;
  }
  if (!late_encoder()) end_of_frames();
  ended_.notify_all();
}

void EncodeLane::give_up() {
  raw_fan_out_.end_of_units();
  fan_out_.end_of_units();
}

bool EncodeLane::finish(const Deadline& deadline, const Interrupt& interrupt) {
  if (!pipeline_) {
    give_up();
    return true;
  }
  while (true) {
    {
      std::unique_lock<std::mutex> lock(end_mutex_);
      const auto all_ended = [this] { return frames_ended_ && units_ended_; };
      ended_.wait_until(lock, deadline.slice(), [&] { return all_ended() || failure_->happened(); });
      if (all_ended()) break;
    }
    if (failure_->happened() || deadline.passed()) {
      give_up();
      return false;
    }
    if (interrupt) interrupt();
  }
  // Of a stream without an encoder: outputs that wait for one have nobody else to end them.
  fan_out_.end_of_units();
  return true;
}

bool EncodeLane::shut_down(const Deadline& deadline) {
  const auto late = late_encoder();
  // First: the raw lane's streaming thread may be waiting for room in it.
  if (late) late->close();
  const bool went_null = Lane::shut_down(deadline);
  return (!late || late->shut_down(deadline)) && went_null;
}

std::vector<LiveElement> EncodeLane::encoders() const {
  const auto late = late_encoder();
  return late ? late->encoders() : Lane::encoders();
}

std::shared_ptr<LateEncoder> EncodeLane::late_encoder() const {
  const std::lock_guard<std::mutex> lock(end_mutex_);
  return late_encoder_;
}

LaneStats EncodeLane::stats() const {
  LaneStats stats = Lane::stats();
  stats.key_units = stage_.key_units();
  stats.bytes_encoded = stage_.bytes();
  return stats;
}

}  // namespace skyline
