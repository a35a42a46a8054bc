// Where a frame's time is set.
//
// fixed: frame n is at n / fps. arrival: the time of the call, counted from the first frame.
// A caller's pts_ns wins over both. Times increase strictly: one that repeats or goes back becomes
// the last one plus 1 ns, and is counted.
#pragma once

#include <cstdint>
#include <optional>

#include "clock/framerate.h"

namespace skyline {

enum class ClockMode { arrival, fixed };

struct FrameTime {
  std::int64_t pts_ns = 0;        // from the first frame
  std::int64_t duration_ns = -1;  // -1: not known
};

// Not thread-safe: the intake's turn protects it.
class PtsClock {
 public:
  PtsClock(ClockMode mode, Framerate framerate) : mode_(mode), framerate_(framerate) {}

  // The time of the next frame. `now_ns` is the running time of the call.
  FrameTime stamp(std::optional<std::int64_t> caller_pts_ns, std::int64_t now_ns);

  // Running time of the frame at pts 0; what outputs on the shared clock add.
  std::int64_t origin_ns() const { return origin_ns_; }
  // Before the first frame; without it a fixed clock begins at 0. An arrival clock finds its own.
  void begin_at(std::int64_t running_time_ns) { origin_ns_ = running_time_ns; }
  std::int64_t last_ns() const { return last_ns_; }  // pts of the last frame; -1 before the first
  std::uint64_t nudged() const { return nudged_; }

 private:
  ClockMode mode_;
  Framerate framerate_;
  std::uint64_t frames_ = 0;
  std::uint64_t nudged_ = 0;
  std::int64_t last_ns_ = -1;
  std::int64_t origin_ns_ = 0;
};

}  // namespace skyline
