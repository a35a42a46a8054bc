// appsrc ! skyconvert ! caps ! encoder ! parser ! appsink: frames in, units out to the fan-out.
#pragma once

#include <atomic>
#include <memory>

#include "lane/fan_out.h"
#include "lane/lane.h"
#include "pipeline/element_spec.h"

namespace skyline {

struct EncoderSettings {
  ChainSpec chain;                   // encoder, profile caps, parser, stream format caps
  Format format = Format::I420;      // what the encoder takes
  Colorimetry colorimetry;
  std::int64_t keyframe_ns = 0;      // longest running time between key units; 0: the encoder's own
};

class EncodeLane : public Lane {
 public:
  explicit EncodeLane(IntakeSettings settings);
  ~EncodeLane() override;

  // Builds the encoder for frames of this size and plays. 4:2:0 formats get even sides: the last
  // column and row are repeated. Throws MissingElementError, SinkError, PipelineError.
  void start(FrameSize given, const EncoderSettings& encoder);

  LaneStats stats() const override;
  FanOut& fan_out() { return fan_out_; }

 protected:
  // Until the encoder gave its last unit. False at the deadline or after a failure.
  bool finish(const Deadline& deadline, const Interrupt& interrupt) override;

 private:
  void take_unit(GstSample* sample);
  void ask_for_key_units_by_time(const Unit& unit);
  void end_of_units();

  FanOut fan_out_;
  ElementPtr appsink_;
  std::int64_t keyframe_ns_ = 0;
  std::int64_t next_key_ns_ = 0;     // streaming thread only: when a key unit is due
  std::int64_t last_pts_ns_ = 0;     // streaming thread only
  bool asked_for_key_ = false;       // streaming thread only: for next_key_ns_
  std::atomic<std::uint64_t> key_units_{0};
  std::atomic<std::uint64_t> bytes_encoded_{0};
  mutable std::mutex end_mutex_;
  std::condition_variable ended_;
  bool saw_end_ = false;             // guarded by end_mutex_
};

}  // namespace skyline
