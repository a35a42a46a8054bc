// A real encode lane for the tests of outputs: frames that carry their number, x264, a fan-out.
//
// push(n) returns when the n frames have come out of the encoder, so a test decides what lies between
// two frames and runs as fast as the encoder does.
#pragma once

#include <atomic>
#include <chrono>
#include <cstring>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "gst/runtime.h"
#include "lane/fan_out.h"

struct LaneOptions {
  int width = 160;
  int height = 120;
  int fps = 30;
  int b_frames = 0;
  std::int64_t first_ns = 0;   // running time of frame 0
  std::string encoder = "x264enc tune=zerolatency speed-preset=ultrafast key-int-max=3000";
};

class NumberedLane {
 public:
  using Options = LaneOptions;

  explicit NumberedLane(skyline::FanOut& fan_out, Options options = {}) : fan_out_(fan_out), options_(options) {
    skyline::ensure_runtime();
    build(options_.width, options_.height);
  }
  ~NumberedLane() {
    fan_out_.set_key_unit_request({});
    if (pipeline_) gst_element_set_state(pipeline_.get(), GST_STATE_NULL);
  }
  NumberedLane(const NumberedLane&) = delete;

  int frames() const { return frames_; }
  int units() const { return units_; }
  std::int64_t time_of(int frame) const {
    return options_.first_ns + ((frame + skipped_) * std::int64_t{1'000'000'000} + options_.fps / 2) / options_.fps;
  }

  void push(int count, bool wait = true) {
    for (int n = 0; n < count; ++n) push_frame();
    while (wait && units_ < frames_ && !ended_) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }

  // A pause: so many frames are not there.
  void skip(int count) { skipped_ += count; }

  // EOS through the encoder: what it holds back comes out, then the fan-out ends.
  void end() {
    gst_app_src_end_of_stream(GST_APP_SRC(source_.get()));
    while (!ended_) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }

  // A new encoder for another size; times go on.
  void resize(int width, int height) {
    fan_out_.set_key_unit_request({});
    gst_element_set_state(pipeline_.get(), GST_STATE_NULL);
    options_.width = width;
    options_.height = height;
    build(width, height);
  }

 private:
  void build(int width, int height) {
    const std::string text = "appsrc name=source format=time caps=video/x-raw,format=I420,width=" + std::to_string(width) +
                             ",height=" + std::to_string(height) + ",framerate=" + std::to_string(options_.fps) +
                             "/1 ! " + options_.encoder + " bframes=" + std::to_string(options_.b_frames) +
                             " ! h264parse config-interval=-1 ! video/x-h264,stream-format=byte-stream,alignment=au"
                             " ! appsink name=sink sync=false async=false";
    pipeline_ = skyline::ElementPtr::adopt(GST_ELEMENT(gst_object_ref_sink(gst_parse_launch(text.c_str(), nullptr))));
    source_ = skyline::ElementPtr::adopt(gst_bin_get_by_name(GST_BIN(pipeline_.get()), "source"));
    sink_ = skyline::ElementPtr::adopt(gst_bin_get_by_name(GST_BIN(pipeline_.get()), "sink"));
    ended_ = false;
    GstAppSinkCallbacks callbacks{};
    callbacks.new_sample = [](GstAppSink* sink, gpointer self) { return static_cast<NumberedLane*>(self)->take(sink); };
    callbacks.eos = [](GstAppSink*, gpointer self) {
      static_cast<NumberedLane*>(self)->fan_out_.end_of_units();
      static_cast<NumberedLane*>(self)->ended_ = true;
    };
    gst_app_sink_set_callbacks(GST_APP_SINK(sink_.get()), &callbacks, this, nullptr);
    fan_out_.set_key_unit_request([pad = skyline::PadPtr::adopt(gst_element_get_static_pad(sink_.get(), "sink"))](std::int64_t at_ns) {
      const GstClockTime time = at_ns < 0 ? GST_CLOCK_TIME_NONE : static_cast<GstClockTime>(at_ns);
      gst_pad_push_event(pad.get(), gst_video_event_new_upstream_force_key_unit(time, TRUE, 0));
    });
    gst_element_set_state(pipeline_.get(), GST_STATE_PLAYING);
  }

  void push_frame() {
    const auto width = static_cast<std::size_t>(options_.width);
    const auto height = static_cast<std::size_t>(options_.height);
    const std::size_t size = width * height * 3 / 2;
    GstBuffer* buffer = gst_buffer_new_allocate(nullptr, size, nullptr);
    std::vector<std::uint8_t> frame(size, 128);
    // Twelve bars of 8 x 32 pixels: the bits of the frame's number.
    for (std::size_t bit = 0; bit < 12; ++bit) {
      const std::uint8_t level = (frames_ >> bit & 1) != 0 ? 230 : 20;
      for (std::size_t row = 0; row < 32; ++row) std::memset(&frame[row * width + bit * 8], level, 8);
    }
    // Noise below, so that a unit has some weight.
    for (std::size_t i = 40 * width; i < height * width; i += 3) {
      seed_ = seed_ * 1664525U + 1013904223U;
      frame[i] = static_cast<std::uint8_t>(seed_ >> 24);
    }
    gst_buffer_fill(buffer, 0, frame.data(), size);
    GST_BUFFER_PTS(buffer) = static_cast<GstClockTime>(time_of(frames_));
    GST_BUFFER_DURATION(buffer) = static_cast<GstClockTime>(time_of(frames_ + 1) - time_of(frames_));
    ++frames_;
    gst_app_src_push_buffer(GST_APP_SRC(source_.get()), buffer);
  }

  GstFlowReturn take(GstAppSink* sink) {
    using namespace skyline;
    const SamplePtr sample = SamplePtr::adopt(gst_app_sink_pull_sample(sink));
    const GstSegment* segment = gst_sample_get_segment(sample.get());
    Unit unit;
    unit.buffer = BufferPtr::adopt(gst_buffer_copy(gst_sample_get_buffer(sample.get())));
    GstBuffer* buffer = unit.buffer.get();
    // x264enc stamps from 1000 h; from here on it is running time.
    GST_BUFFER_PTS(buffer) = gst_segment_to_running_time(segment, GST_FORMAT_TIME, GST_BUFFER_PTS(buffer));
    GST_BUFFER_DTS(buffer) = gst_segment_to_running_time(segment, GST_FORMAT_TIME, GST_BUFFER_DTS(buffer));
    unit.caps = CapsPtr::share(gst_sample_get_caps(sample.get()));
    unit.pts_ns = static_cast<std::int64_t>(GST_BUFFER_PTS(buffer));
    unit.bytes = gst_buffer_get_size(buffer);
    unit.is_key = GST_BUFFER_FLAG_IS_SET(buffer, GST_BUFFER_FLAG_DELTA_UNIT) == 0;
    fan_out_.push(unit);
    ++units_;
    return GST_FLOW_OK;
  }

  skyline::FanOut& fan_out_;
  Options options_;
  skyline::ElementPtr pipeline_;
  skyline::ElementPtr source_;
  skyline::ElementPtr sink_;
  std::atomic<int> frames_{0};
  std::atomic<int> units_{0};
  std::atomic<bool> ended_{false};
  int skipped_ = 0;
  std::uint32_t seed_ = 1;
};
