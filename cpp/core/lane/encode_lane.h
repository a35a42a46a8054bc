// Frames in, units out to the fan-out, and the frames themselves to the raw one.
//
// appsrc ! skyconvert ! caps ! encoder ! parser ! appsink, with a tap behind the caps; or appsrc ! appsink where
// nothing is encoded, which an encoder may join later as one more consumer of the frames.
#pragma once

#include <atomic>
#include <memory>

#include "lane/encoder_stage.h"
#include "lane/fan_out.h"
#include "lane/lane.h"
#include "lane/late_encoder.h"

namespace skyline {

class EncodeLane : public Lane {
 public:
  explicit EncodeLane(IntakeSettings settings);
  ~EncodeLane() override;

  // Builds the encoder for frames of this size and plays. 4:2:0 formats get even sides: the last
  // column and row are repeated. Throws MissingElementError, SinkError, PipelineError.
  void start(FrameSize given, const EncoderSettings& encoder);
  // Without an encoder: frames go to raw_fan_out() as they come, and count as encoded then. `colours` are those
  // of YUV frames.
  void start_raw(FrameSize given, std::optional<Colorimetry> colours);
  // An encoder after all, at work from the next frame on. Once, after start_raw. Throws as start, and StateError
  // after stop.
  void add_encoder(const EncoderSettings& encoder);

  std::vector<LiveElement> encoders() const override;
  LaneStats stats() const override;
  FanOut& fan_out() { return fan_out_; }
  // What hangs here gets each frame before the encoder does, in the encoder's format, or as it came where the
  // lane was started raw. Where only this is used, nothing is encoded.
  FanOut& raw_fan_out() { return raw_fan_out_; }

 protected:
  // Until the last frame and the last unit have come out. False at the deadline or after a failure.
  bool finish(const Deadline& deadline, const Interrupt& interrupt) override;
  bool shut_down(const Deadline& deadline) override;

 private:
  bool is_watched();
  GstPadProbeReturn tap(GstPad* pad, GstBuffer* frame);
  void push_raw(GstBuffer* frame, GstCaps* caps, std::optional<std::int64_t> put_ns);
  void take_frame(GstSample* sample);
  void end_of_frames();
  void end_of_units();
  void give_up();
  std::shared_ptr<LateEncoder> late_encoder() const;

  FanOut fan_out_;
  EncoderStage stage_;
  FanOut raw_fan_out_;
  std::atomic<bool> was_watched_{true};
  mutable std::mutex end_mutex_;
  std::condition_variable ended_;
  std::shared_ptr<LateEncoder> late_encoder_;  // guarded by end_mutex_, as all below
  bool frames_ended_ = false;
  bool units_ended_ = true;
};

}  // namespace skyline
