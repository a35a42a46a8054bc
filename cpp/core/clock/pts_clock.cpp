#include "clock/pts_clock.h"

#include <algorithm>

namespace skyline {

FrameTime PtsClock::stamp(std::optional<std::int64_t> caller_pts_ns, std::int64_t now_ns) {
  const std::uint64_t frame = frames_++;
  // The first frame sets the origin: from here its own time is pts 0 (or the caller's pts).
  if (frame == 0 && mode_ == ClockMode::arrival) origin_ns_ = std::max<std::int64_t>(0, now_ns - caller_pts_ns.value_or(0));

  FrameTime time;
  if (caller_pts_ns) {
    time.pts_ns = *caller_pts_ns;
  } else if (mode_ == ClockMode::fixed) {
    time.pts_ns = framerate_.time_of(frame);
  } else {
    time.pts_ns = now_ns - origin_ns_;
  }
  if (!framerate_.is_variable()) {
    time.duration_ns = mode_ == ClockMode::fixed && !caller_pts_ns ? framerate_.time_of(frame + 1) - framerate_.time_of(frame)
                                                                   : framerate_.time_of(1);
  }
  if (time.pts_ns <= last_ns_) {
    time.pts_ns = last_ns_ + 1;
    ++nudged_;
  }
  last_ns_ = time.pts_ns;
  return time;
}

}  // namespace skyline
