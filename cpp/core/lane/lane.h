// A pipeline that frames run down: what the encode lane and a description of the user's own share.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "clock/time_base.h"
#include "lane/frame_intake.h"
#include "pipeline/live_element.h"
#include "pipeline/pipeline.h"
#include "pipeline/stride_guard.h"
#include "report/event_queue.h"
#include "report/failure.h"

namespace skyline {

struct LaneStats {
  IntakeStats intake;
  std::uint64_t key_units = 0;
  std::uint64_t bytes_encoded = 0;
};

class Lane : public std::enable_shared_from_this<Lane> {
 public:
  virtual ~Lane();
  Lane(const Lane&) = delete;
  Lane& operator=(const Lane&) = delete;

  FrameIntake& intake() { return intake_; }
  EventQueue& events() { return *events_; }
  const Failure& failure() const { return *failure_; }
  virtual LaneStats stats() const;
  // The next frame that is put becomes a key unit, as LiveElement has it; the first one is one anyway. False
  // where nothing encodes. Any number of calls between two frames ask once. Throws StateError after stop.
  bool force_keyframe();
  // What encodes now. Throws StateError where nothing runs yet or any more.
  virtual std::vector<LiveElement> encoders() const;

  // EOS behind the last frame, wait until everything is written, NULL. True when all of it was
  // finalised within the deadline. Afterwards nothing runs, whatever came back. Idempotent; a second
  // caller waits for the first one's answer, and no longer than its own deadline.
  bool stop(const Deadline& deadline, const Interrupt& interrupt);
  // How every lane ends: stopped if nobody did, then deleted, unless a thread stuck in the kernel still
  // runs in its pipeline and may call it. Then it stays for good, as it does in a forked child.
  static void dispose(Lane* lane) noexcept;

 protected:
  explicit Lane(IntakeSettings settings);

  // Connects the appsrc to the intake and guards its rows; before the pipeline plays. `on_frame` runs for
  // each frame that leaves the appsrc, on the streaming thread.
  void adopt_source(GstElement* appsrc, std::function<void()> on_frame = {});
  // Elements are found in it until it is stopped; adopt_source says it too.
  void show_pipeline() { shown_.set(pipeline_->element()); }
  bool is_live() const { return intake_.settings().clock == ClockMode::arrival; }
  // Between the source's EOS and NULL: what else must finish. True when it did.
  virtual bool finish(const Deadline& deadline, const Interrupt& interrupt) = 0;
  // NULL within the deadline, after finish; false where a thread is stuck and may still call.
  virtual bool shut_down(const Deadline& deadline);

  const TimeBase time_;
  const std::shared_ptr<Failure> failure_ = std::make_shared<Failure>();
  const std::shared_ptr<EventQueue> events_ = std::make_shared<EventQueue>();
  FrameIntake intake_;
  std::unique_ptr<Pipeline> pipeline_;

 private:
  StrideGuard stride_guard_;
  WeakElement shown_;
  bool stop_once(const Deadline& deadline, const Interrupt& interrupt);

  std::mutex stop_mutex_;
  std::condition_variable stop_ended_;
  bool stopping_ = false;   // guarded by stop_mutex_: somebody is at it
  bool stopped_ = false;    // guarded by stop_mutex_
  bool finalised_ = false;  // guarded by stop_mutex_
  bool is_stuck_ = false;   // guarded by stop_mutex_
};

// Lanes are shared: with Python, and with whatever still runs in a pipeline that would not stop.
template <typename AnyLane, typename... Arguments>
std::shared_ptr<AnyLane> make_lane(Arguments&&... arguments) {
  return std::shared_ptr<AnyLane>(new AnyLane(std::forward<Arguments>(arguments)...), &Lane::dispose);
}

}  // namespace skyline
