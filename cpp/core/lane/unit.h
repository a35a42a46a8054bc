// One encoded access unit, in running time, shared by reference between all outputs.
#pragma once

#include <cstdint>

#include "gst/owned.h"

namespace skyline {

struct Unit {
  BufferPtr buffer;          // PTS and DTS in the stream's running time; memory shared, never written
  CapsPtr caps;
  std::int64_t pts_ns = 0;   // running time
  std::size_t bytes = 0;
  bool is_key = false;       // a decoder can start here
};

}  // namespace skyline
