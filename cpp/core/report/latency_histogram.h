// How long things took, counted in buckets whose width grows with the time, as HdrHistogram does it.
//
// Constant memory (7 KiB), and a percentile read from it is at most 1.6 % off: a bucket is 1/32 to 1/64 of its
// times wide and stands for its middle.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>

namespace skyline {

struct LatencySummary {
  std::uint64_t count = 0;
  std::uint64_t clamped = 0;  // of them outside 1 µs … 100 s: they count as the nearer end
  std::int64_t p50_ns = 0;    // the least time that at least this share of them did not exceed
  std::int64_t p95_ns = 0;
  std::int64_t p99_ns = 0;
  std::int64_t max_ns = 0;    // exact, never clamped
};

// Not thread-safe: its owner locks.
class LatencyHistogram {
 public:
  static constexpr std::int64_t kLeast_ns = 1'000;
  static constexpr std::int64_t kMost_ns = 100'000'000'000;

  void record(std::int64_t latency_ns);
  void clear() { *this = LatencyHistogram(); }

  // Of everything in these together; nothing where they are empty.
  static std::optional<LatencySummary> summary(std::initializer_list<const LatencyHistogram*> parts);

 private:
  static constexpr unsigned kSubBits = 5;                // 32 buckets for each doubling
  static constexpr unsigned kFirstOctave = 9;            // 512 … 1023 ns holds the least
  static constexpr unsigned kLastOctave = 36;            // 69 … 137 s holds the most
  static constexpr std::size_t kBuckets = std::size_t{kLastOctave - kFirstOctave + 1} << kSubBits;

  static std::size_t bucket_of(std::int64_t latency_ns);
  static std::int64_t middle_of(std::size_t bucket);

  std::array<std::uint64_t, kBuckets> counts_{};
  std::size_t lowest_ = kBuckets;  // nothing is below
  std::uint64_t count_ = 0;
  std::uint64_t clamped_ = 0;
  std::int64_t max_ns_ = 0;
};

}  // namespace skyline
