// How long to wait before a lost peer is tried again. Pure: no clock, no GStreamer.
#pragma once

#include <chrono>
#include <functional>
#include <optional>

#include "output/recipe.h"

namespace skyline {

// Exponential with full jitter: after the n-th failure in a row, any time up to first × 2^n and up to the cap, so that
// many that were lost at once do not come back at once. Not thread-safe.
class BackOff {
 public:
  using Nanoseconds = std::chrono::nanoseconds;
  using Random = std::function<double()>;  // 0 … 1

  BackOff(Retry retry, Random random);

  // After an attempt in vain, or a connection that lasted for `live_for`. Nothing once all retries are used up.
  // Whoever was refused for his credentials is not to hammer.
  std::optional<Nanoseconds> lost(Nanoseconds live_for, bool was_unauthorised);
  int attempt() const { return attempt_; }  // in a row; the next one's number

 private:
  static constexpr std::chrono::seconds kSteady{10};  // a connection of this length ends the row
  static constexpr std::chrono::seconds kUnauthorised{30};

  const Retry retry_;
  const Random random_;
  int attempt_ = 0;
};

}  // namespace skyline
