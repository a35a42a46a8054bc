// One encoded access unit, in running time, shared by reference between all outputs.
#pragma once

#include <cstdint>
#include <optional>

#include "gst/owned.h"

namespace skyline {

struct Unit {
  BufferPtr buffer;          // PTS and DTS in the stream's running time; memory shared, never written
  CapsPtr caps;
  std::int64_t pts_ns = 0;   // running time
  std::size_t bytes = 0;
  bool is_key = false;       // a decoder can start here
  std::uint64_t number = 0;  // by the fan-out, from 1 on
  std::optional<std::int64_t> put_ns;  // of latency_clock_ns(): when its frame was put; a frame's first unit has it
};

}  // namespace skyline
