#include "output/back_off.h"

#include <algorithm>
#include <utility>

namespace skyline {

BackOff::BackOff(Retry retry, Random random) : retry_(retry), random_(std::move(random)) {}

std::optional<BackOff::Nanoseconds> BackOff::lost(Nanoseconds live_for, bool was_unauthorised) {
  if (live_for >= kSteady) attempt_ = 0;
  if (retry_.max_retries >= 0 && attempt_ >= retry_.max_retries) return std::nullopt;
  constexpr int kEnoughDoublings = 30;  // beyond every cap, and far from overflowing
  const double first =
      static_cast<double>(retry_.first_ns) * static_cast<double>(1 << std::min(attempt_, kEnoughDoublings));
  const double bound = std::min(first, static_cast<double>(retry_.most_ns));
  ++attempt_;
  const Nanoseconds delay(static_cast<std::int64_t>(bound * random_()));
  return was_unauthorised ? delay + kUnauthorised : delay;
}

}  // namespace skyline
