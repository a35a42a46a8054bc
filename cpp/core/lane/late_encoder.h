// An encoder for a stream that began without one: a consumer of its raw frames, in a pipeline of its own.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "clock/time_base.h"
#include "lane/encoder_stage.h"
#include "lane/fan_out.h"
#include "pipeline/app_source.h"
#include "pipeline/live_element.h"
#include "pipeline/pipeline.h"

namespace skyline {

class LateEncoder : public UnitConsumer {
 public:
  // Frames of `given` size come; units go to what hangs on `stage`, which outlives this. Frames are only taken
  // while `is_watched`. With a full queue `settings` decide as they do for the lane: wait, or drop the oldest.
  // Builds and plays. Throws as EncodeLane::start.
  LateEncoder(FrameSize given, const EncoderSettings& encoder, const IntakeSettings& settings, const TimeBase& time,
              EncoderStage& stage, std::function<bool()> is_watched, std::shared_ptr<Failure> failure,
              std::shared_ptr<EventQueue> events);
  ~LateEncoder() override;

  void consume(const Unit& unit) override;  // streaming thread of the raw lane
  void end_of_units() override;             // idempotent
  // Takes nothing any more; whoever waits in consume() goes on. Any thread.
  void close();
  // NULL within the deadline; false where its thread is stuck.
  bool shut_down(const Deadline& deadline);
  std::vector<LiveElement> encoders() const;

 private:
  void feed();
  void feed_locked();

  const bool waits_;
  const std::size_t most_frames_;
  const std::function<bool()> is_watched_;
  Pipeline pipeline_;
  WeakElement shown_;
  std::unique_ptr<AppSource> source_;
  std::mutex mutex_;
  std::condition_variable room_;
  std::deque<Unit> queue_;    // guarded by mutex_, as everything below
  bool ended_ = false;
  bool eos_sent_ = false;
  bool closed_ = false;
};

}  // namespace skyline
