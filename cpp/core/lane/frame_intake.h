// The door of a lane: put, lend and acquire, from any thread.
//
// put converts in the call, straight from the array into a pooled buffer of the lane's format. lend and
// acquire pass memory on as it is; the conversion then happens in skyconvert on a streaming thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "clock/pts_clock.h"
#include "clock/time_base.h"
#include "frame/buffer_pool.h"
#include "frame/frame_convert.h"
#include "frame/frame_layout.h"
#include "frame/frame_wrap.h"
#include "lane/frame_queue.h"

namespace skyline {

struct IntakeSettings {
  Format format = Format::BGR;         // of the frames given
  ClockMode clock = ClockMode::arrival;
  Framerate framerate;                 // of the caps; exact times with ClockMode::fixed
  Leaky leaky = Leaky::none;
  unsigned max_buffers = 4;
};

// What the lane wants its frames to be: the format of put's buffers.
struct LaneFormat {
  Format format = Format::BGR;
  int width = 0;
  int height = 0;
  std::optional<Colorimetry> colorimetry;  // of the YUV that frames are or become; caps of packed formats leave it out
};

struct IntakeStats {
  FrameCounters frames;
  std::uint64_t copied_frames = 0;   // lent or acquired, and copied all the same
  std::uint64_t nudged_times = 0;
};

class FrameIntake;

// Memory of ours for one frame. The pixels stay valid for as long as a share of this exists, also
// after commit: the pool takes a buffer back only when nobody sees it any more.
class FrameSlot {
 public:
  FrameSlot(BufferPtr buffer, MutableFrameView view) : buffer_(std::move(buffer)), view_(view) {}
  const MutableFrameView& view() const { return view_; }

 private:
  friend class FrameIntake;
  BufferPtr buffer_;
  MutableFrameView view_;
};

class FrameIntake {
 public:
  FrameIntake(IntakeSettings settings, const TimeBase& time, std::shared_ptr<Failure> failure);

  // By the lane, once: frames of this size come, in this form they go on. Asked before each of them, on the
  // thread that brings it: where `lets_in` is false the frame is dropped before anything is done to it.
  void open(FrameSize given, LaneFormat lane, std::function<bool()> lets_in = {});
  // Before the first frame: a fixed clock puts it at this running time instead of 0.
  void begin_at(std::int64_t running_time_ns);
  FrameQueue& queue() { return queue_; }
  const IntakeSettings& settings() const { return settings_; }
  FrameSize size() const { return is_open_.load() ? size_ : FrameSize{}; }  // {0, 0} before open

  // False: dropped, and counted. Throws FrameError, StateError, PipelineError; Interrupt may throw.
  bool put(const FrameLayout& frame, std::optional<std::int64_t> pts_ns, const Deadline& deadline, const Interrupt& interrupt);
  // Shares the frame's memory; `lent` keeps it alive. Precondition: frame.is_lendable().
  bool lend(const FrameLayout& frame, std::unique_ptr<Lent> lent, std::optional<std::int64_t> pts_ns, const Deadline& deadline,
            const Interrupt& interrupt);
  // put on behalf of lend, for memory that cannot be lent.
  bool copy_instead(const FrameLayout& frame, std::optional<std::int64_t> pts_ns, const Deadline& deadline, const Interrupt& interrupt);

  std::shared_ptr<FrameSlot> acquire();
  bool commit(FrameSlot& slot, std::optional<std::int64_t> pts_ns, const Deadline& deadline, const Interrupt& interrupt);

  // Running time that no frame up to now has and every later one has at least; -1 before the first.
  std::int64_t next_time_ns() const;
  // Running time of the frame at pts 0.
  std::int64_t origin_ns() const;
  IntakeStats stats() const;

 private:
  class Turn;
  // What the three verbs share: checks, the turn, room in the queue, the frame's time.
  template <typename MakeBuffer>
  bool enter(const CapsPtr& caps, std::optional<std::int64_t> pts_ns, const Deadline& deadline, const Interrupt& interrupt,
             MakeBuffer make_buffer);
  struct Called {
    std::int64_t running_ns;  // in the stream's running time
    std::int64_t put_ns;      // of latency_clock_ns()
  };
  bool stamp_and_push(BufferPtr buffer, const CapsPtr& caps, std::optional<std::int64_t> pts_ns, Called called);
  void refuse_unless_ready(std::optional<std::int64_t> pts_ns) const;
  BufferPtr converted(const FrameLayout& frame);
  BufferPtr second_buffer_over(const FrameSlot& slot) const;

  const IntakeSettings settings_;
  const TimeBase& time_;
  FrameQueue queue_;
  std::atomic<bool> is_open_{false};
  FrameSize size_;                         // what open() sets is not written again
  LaneFormat lane_;
  std::function<bool()> lets_in_;
  CapsPtr given_caps_;                     // of lent and acquired frames
  CapsPtr lane_caps_;                      // of converted frames
  std::unique_ptr<BufferPool> lane_pool_;  // put writes here
  std::unique_ptr<BufferPool> slot_pool_;  // acquire gives these; made on first use, needs slot_mutex_
  std::mutex slot_mutex_;
  std::vector<std::uint8_t> gathered_;     // a frame whose pixels lie apart; needs the turn
  mutable std::mutex clock_mutex_;
  PtsClock pts_clock_;                     // guarded by clock_mutex_
  std::uint64_t copied_frames_ = 0;        // guarded by clock_mutex_
};

}  // namespace skyline
