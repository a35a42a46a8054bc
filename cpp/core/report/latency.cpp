#include "report/latency.h"

#include <algorithm>

namespace skyline {

void Latency::record(std::int64_t latency_ns, std::int64_t now_ns) {
  const std::int64_t window = now_ns / kWindow_ns;
  if (window > window_) {
    forget(span_of(window));
    if (window != window_ + 1) forget(span_of(window + 1));
    window_ = window;
  }
  const Span running = span_of(window_);
  const std::int64_t inside_ns = std::clamp(latency_ns, latency_buckets::kLeast_ns, latency_buckets::kMost_ns);
  const std::size_t place = latency_buckets::bucket_of(inside_ns);
  lowest_ = std::min(lowest_, place);
  ++buckets_[place].whole;
  ++buckets_[place].windows[running - kEvenWindow];
  for (const Span span : {kWhole, running}) {
    ++totals_[span].count;
    totals_[span].max_ns = std::max(totals_[span].max_ns, latency_ns);
    if (inside_ns != latency_ns) ++clamped_[span];
  }
}

void Latency::forget(Span window) {
  for (Bucket& bucket : buckets_) bucket.windows[window - kEvenWindow] = 0;
  totals_[window] = {};
  clamped_[window] = 0;
}

LatencyReport Latency::report(std::int64_t now_ns) const {
  const std::int64_t window = now_ns / kWindow_ns;
  Spans recent{};
  if (window <= window_ + 1) recent[span_of(window_)] = true;
  if (window <= window_) recent[span_of(window_ + 1)] = true;  // the one before, of the same parity
  return {summary({true}), summary(recent)};
}

std::uint64_t Latency::count_in(const Bucket& bucket, const Spans& spans) {
  if (spans[kWhole]) return bucket.whole;
  return (spans[kEvenWindow] ? std::uint64_t{bucket.windows[0]} : 0) +
         (spans[kOddWindow] ? std::uint64_t{bucket.windows[1]} : 0);
}

std::optional<LatencySummary> Latency::summary(const Spans& spans) const {
  LatencySummary all;
  for (std::size_t span = 0; span < kSpans; ++span) {
    if (!spans[span]) continue;
    all.count += totals_[span].count;
    all.clamped += clamped_[span];
    all.max_ns = std::max(all.max_ns, totals_[span].max_ns);
  }
  if (all.count == 0) return std::nullopt;
  std::uint64_t passed = 0;
  std::size_t place = lowest_;
  const auto walk_to = [&](unsigned percent) {
    const std::uint64_t rank = (all.count * percent + 99) / 100;
    for (std::uint64_t here = 0; passed + (here = count_in(buckets_[place], spans)) < rank; ++place) passed += here;
    return std::min(latency_buckets::middle_of(place), all.max_ns);
  };
  all.p50_ns = walk_to(50);
  all.p95_ns = walk_to(95);
  all.p99_ns = walk_to(99);
  return all;
}

}  // namespace skyline
