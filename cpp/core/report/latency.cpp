#include "report/latency.h"

#include <cstddef>

namespace skyline {
namespace {

std::size_t parity(std::int64_t window) { return static_cast<std::size_t>(window & 1); }

}  // namespace

void Latency::record(std::int64_t latency_ns, std::int64_t now_ns) {
  const std::int64_t window = now_ns / kWindow_ns;
  if (window > window_) {
    windows_[parity(window)].clear();
    if (window != window_ + 1) windows_[parity(window + 1)].clear();
    window_ = window;
  }
  since_start_.record(latency_ns);
  windows_[parity(window_)].record(latency_ns);
}

LatencyReport Latency::report(std::int64_t now_ns) const {
  LatencyReport report;
  report.since_start = LatencyHistogram::summary({&since_start_});
  const std::int64_t window = now_ns / kWindow_ns;
  if (window <= window_) report.recent = LatencyHistogram::summary({&windows_[0], &windows_[1]});
  if (window == window_ + 1) report.recent = LatencyHistogram::summary({&windows_[parity(window_)]});
  return report;
}

}  // namespace skyline
