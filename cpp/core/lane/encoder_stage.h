// From frames to units: skyconvert ! caps ! encoder ! parser ! appsink, and what is done with what comes out.
//
// The same whether it stands in the lane's own pipeline or joins a stream of raw frames later.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>

#include "frame/frame_convert.h"
#include "lane/fan_out.h"
#include "lane/frame_intake.h"
#include "pipeline/element_spec.h"

namespace skyline {

struct EncoderSettings {
  ChainSpec chain;                   // encoder, profile caps, parser, stream format caps
  Format format = Format::I420;      // what the encoder takes
  Colorimetry colorimetry;
  std::int64_t keyframe_ns = 0;      // longest running time between key units; 0: the encoder's own
};

// What the encoder's frames are made of those given: 4:2:0 formats get even sides.
LaneFormat lane_format(FrameSize given, const EncoderSettings& encoder);
// appsrc ! skyconvert ! caps ! encoder ! parser ! appsink. The caps' element is the third.
ChainSpec encoder_chain(const LaneFormat& lane, const EncoderSettings& encoder);

class EncoderStage {
 public:
  struct Listeners {
    // A unit of this running time came out, -1 for none: when its frame was put.
    std::function<std::optional<std::int64_t>(std::int64_t pts_ns)> unit;
    std::function<void()> ended;  // the last one has
  };

  // The fan-out and the stage outlive the pipeline that runs in them.
  EncoderStage(FanOut& fan_out, Listeners listeners) : fan_out_(fan_out), listeners_(std::move(listeners)) {}
  EncoderStage(const EncoderStage&) = delete;
  EncoderStage& operator=(const EncoderStage&) = delete;

  // Takes the units of `appsink`, before its pipeline runs; once.
  void attach(GstElement* appsink, std::int64_t keyframe_ns);

  std::uint64_t key_units() const { return key_units_.load(); }
  std::uint64_t bytes() const { return bytes_.load(); }

 private:
  void take_unit(GstSample* sample);
  void ask_for_key_units_by_time(const Unit& unit);

  FanOut& fan_out_;
  const Listeners listeners_;
  std::int64_t keyframe_ns_ = 0;
  std::int64_t next_key_ns_ = 0;     // streaming thread only, as all below: when a key unit is due
  std::int64_t last_pts_ns_ = 0;
  bool asked_for_key_ = false;       // for next_key_ns_
  std::atomic<std::uint64_t> key_units_{0};
  std::atomic<std::uint64_t> bytes_{0};
};

}  // namespace skyline
