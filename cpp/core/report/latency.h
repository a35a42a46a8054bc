// One latency, since the start and of late.
//
// "Of late" is the window of five seconds that runs and the one before it: the last 5 to 10 s.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>

#include "report/latency_histogram.h"

namespace skyline {

// The clock of all latencies.
inline std::int64_t latency_clock_ns() {
  return std::chrono::nanoseconds(std::chrono::steady_clock::now().time_since_epoch()).count();
}

struct LatencyReport {
  std::optional<LatencySummary> since_start;  // empty: nothing was measured
  std::optional<LatencySummary> recent;
};

// Not thread-safe: its owner locks.
class Latency {
 public:
  static constexpr std::int64_t kWindow_ns = 5'000'000'000;

  void record(std::int64_t latency_ns, std::int64_t now_ns);
  LatencyReport report(std::int64_t now_ns) const;

 private:
  LatencyHistogram since_start_;
  std::array<LatencyHistogram, 2> windows_;
  std::int64_t window_ = 0;  // number of the one that runs, which is at its parity
};

}  // namespace skyline
