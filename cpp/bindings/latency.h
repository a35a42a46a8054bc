// Latencies as Python takes them: (count, p50_ms, p95_ms, p99_ms, max_ms, clamped), None where nothing was measured.
#pragma once

#include <pybind11/pybind11.h>

#include <optional>

#include "report/latency.h"

namespace skyline::bindings {

inline pybind11::object values_of(const std::optional<LatencySummary>& summary) {
  if (!summary) return pybind11::none();
  const auto ms = [](std::int64_t ns) { return static_cast<double>(ns) / 1e6; };
  return pybind11::make_tuple(summary->count, ms(summary->p50_ns), ms(summary->p95_ns), ms(summary->p99_ns),
                              ms(summary->max_ns), summary->clamped);
}

}  // namespace skyline::bindings
