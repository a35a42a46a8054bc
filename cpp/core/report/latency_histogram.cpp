#include "report/latency_histogram.h"

#include <algorithm>

namespace skyline {

void LatencyHistogram::record(std::int64_t latency_ns) {
  const std::int64_t inside_ns = std::clamp(latency_ns, kLeast_ns, kMost_ns);
  const std::size_t bucket = bucket_of(inside_ns);
  ++counts_[bucket];
  ++count_;
  if (inside_ns != latency_ns) ++clamped_;
  lowest_ = std::min(lowest_, bucket);
  max_ns_ = std::max(max_ns_, latency_ns);
}

std::size_t LatencyHistogram::bucket_of(std::int64_t latency_ns) {
  const auto value = static_cast<std::uint64_t>(latency_ns);
  const auto octave = 63U - static_cast<unsigned>(__builtin_clzll(value));
  const std::uint64_t part = (value >> (octave - kSubBits)) & ((1U << kSubBits) - 1);
  return (std::size_t{octave - kFirstOctave} << kSubBits) + part;
}

std::int64_t LatencyHistogram::middle_of(std::size_t bucket) {
  const auto octave = static_cast<unsigned>(bucket >> kSubBits) + kFirstOctave;
  const std::size_t part = bucket & ((1U << kSubBits) - 1);
  const std::int64_t width = std::int64_t{1} << (octave - kSubBits);
  return (std::int64_t{1} << octave) + static_cast<std::int64_t>(part) * width + width / 2;
}

std::optional<LatencySummary> LatencyHistogram::summary(std::initializer_list<const LatencyHistogram*> parts) {
  LatencySummary all;
  std::size_t bucket = kBuckets;
  for (const auto* part : parts) {
    all.count += part->count_;
    all.clamped += part->clamped_;
    all.max_ns = std::max(all.max_ns, part->max_ns_);
    bucket = std::min(bucket, part->lowest_);
  }
  if (all.count == 0) return std::nullopt;
  std::uint64_t passed = 0;
  const auto walk_to = [&](unsigned percent) {
    const std::uint64_t rank = (all.count * percent + 99) / 100;
    for (;; ++bucket) {
      std::uint64_t here = 0;
      for (const auto* part : parts) here += part->counts_[bucket];
      if (passed + here >= rank) break;
      passed += here;
    }
    return std::min(middle_of(bucket), all.max_ns);
  };
  all.p50_ns = walk_to(50);
  all.p95_ns = walk_to(95);
  all.p99_ns = walk_to(99);
  return all;
}

}  // namespace skyline
