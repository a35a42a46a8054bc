// A bound in time that a whole call shares, and the caller's way to break a wait.
#pragma once

#include <algorithm>
#include <chrono>
#include <functional>

namespace skyline {

using SteadyClock = std::chrono::steady_clock;

// Asked every 50 ms while a call waits, on the thread that made it. It may throw (Ctrl-C does).
using Interrupt = std::function<void()>;

class Deadline {
 public:
  explicit Deadline(std::chrono::nanoseconds from_now) : at_(SteadyClock::now() + from_now) {}
  static Deadline in_seconds(double seconds) {
    // 10^8 s is three years: more than any wait, and far from overflowing nanoseconds. NaN waits for nothing.
    const double bounded = seconds > 0 ? std::min(seconds, 1e8) : 0.0;
    return Deadline(std::chrono::nanoseconds(static_cast<std::int64_t>(bounded * 1e9)));
  }
  bool passed() const { return SteadyClock::now() >= at_; }
  std::chrono::nanoseconds left() const {
    return std::max(std::chrono::nanoseconds(0), std::chrono::nanoseconds(at_ - SteadyClock::now()));
  }
  // The next slice of a wait: never longer than 50 ms, so that signals are seen.
  SteadyClock::time_point slice() const {
    return std::min(at_, SteadyClock::now() + std::chrono::milliseconds(50));
  }

 private:
  SteadyClock::time_point at_;
};

}  // namespace skyline
