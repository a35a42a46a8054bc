// When a peer that is connected counts as stalled. Pure: no clock, no sockets.
#pragma once

#include <cstdint>
#include <optional>

#include "clock/deadline.h"

namespace skyline {

// Not thread-safe.
class StallRule {
 public:
  explicit StallRule(std::chrono::milliseconds patience) : patience_(patience) {}
  std::chrono::milliseconds patience() const { return patience_; }

  // True once something has waited for so long while the peer confirmed nothing.
  bool is_stalled(std::uint64_t waiting, std::uint64_t confirmed, SteadyClock::time_point now) {
    if (!since_ || waiting == 0 || confirmed != confirmed_) since_ = now;
    confirmed_ = confirmed;
    return now - *since_ >= patience_;
  }

 private:
  const std::chrono::milliseconds patience_;
  std::uint64_t confirmed_ = 0;
  std::optional<SteadyClock::time_point> since_;
};

}  // namespace skyline
