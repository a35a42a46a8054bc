// One latency as percentiles, since the start and of late, in 14 KiB for ever.
//
// "Of late" is the window of five seconds that runs and the one before it: the last 5 to 10 s.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "report/latency_buckets.h"

namespace skyline {

// The clock of all latencies.
inline std::int64_t latency_clock_ns() {
  return std::chrono::nanoseconds(std::chrono::steady_clock::now().time_since_epoch()).count();
}

// A percentile is the least time that so many did not exceed, and at most 1.6 % off.
struct LatencySummary {
  std::uint64_t count = 0;
  std::uint64_t clamped = 0;  // of them outside 1 µs … 100 s: they count as the nearer end
  std::int64_t p50_ns = 0;
  std::int64_t p95_ns = 0;
  std::int64_t p99_ns = 0;
  std::int64_t max_ns = 0;    // exact, never clamped
};

struct LatencyReport {
  std::optional<LatencySummary> since_start;  // empty: nothing was measured
  std::optional<LatencySummary> recent;
};

// Not thread-safe: its owner locks, and reads `now_ns` under the lock.
class Latency {
 public:
  static constexpr std::int64_t kWindow_ns = 5'000'000'000;

  void record(std::int64_t latency_ns, std::int64_t now_ns);
  LatencyReport report(std::int64_t now_ns) const;

 private:
  // What is counted: the whole time, and the two windows.
  enum Span : std::size_t { kWhole, kEvenWindow, kOddWindow, kSpans };
  using Spans = std::array<bool, kSpans>;

  // Side by side, because the pixels between two frames leave nothing of this in the cache.
  struct Bucket {
    std::uint64_t whole = 0;
    std::array<std::uint32_t, 2> windows{};
  };
  struct Totals {
    std::uint64_t count = 0;
    std::int64_t max_ns = 0;
  };

  static Span span_of(std::int64_t window) { return window % 2 == 0 ? kEvenWindow : kOddWindow; }
  static std::uint64_t count_in(const Bucket& bucket, const Spans& spans);
  void forget(Span window);
  std::optional<LatencySummary> summary(const Spans& spans) const;

  std::int64_t window_ = 0;  // number of the one that runs
  std::size_t lowest_ = latency_buckets::kCount;
  std::array<Totals, kSpans> totals_;
  std::array<std::uint64_t, kSpans> clamped_{};
  std::array<Bucket, latency_buckets::kCount> buckets_;
};

}  // namespace skyline
