// Says in an AV1 bitstream which colours it has.
//
// av1enc (GStreamer up to 1.29) leaves that out of the sequence header whatever its caps say: decoders then
// guess the matrix, each by a rule of its own, and take full range for limited.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "gst/owned.h"

namespace skyline {

// Code points of ISO/IEC 23091-2, as AV1 has them.
struct Av1Colours {
  unsigned primaries = 2;  // 2: not specified
  unsigned transfer = 2;
  unsigned matrix = 2;
  bool is_full_range = false;
};

// A temporal unit (OBUs with their sizes) with the colours in its sequence header; nothing where it has no
// header, one that says its colours already, or one that is not understood.
std::optional<std::vector<std::uint8_t>> av1_with_colours(const std::uint8_t* unit, std::size_t bytes,
                                                          const Av1Colours& colours);

// From now on every unit that leaves this AV1 encoder says the colours of its input caps.
void say_av1_colours(GstElement* encoder);

}  // namespace skyline
