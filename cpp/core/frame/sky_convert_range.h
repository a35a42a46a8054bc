// Limited range to full and back, in place, where nothing else about the colours changes.
//
// Inside frame/ only. GStreamer's converter takes the range for the matrix's affair: between two sides of
// one matrix (BT.601 full to BT.601 limited, gray to YUV) it copies the codes and leaves the caps to
// lie, in 1.22 as in the main branch of 2026. So it is told of one range, and this does the rest.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "gst/owned.h"

namespace skyline {

class RangeShift {
 public:
  // Samples of this format lie in bytes or words of their own (not those of v210, or in tiles).
  static bool knows(const GstVideoFormatInfo* format);

  // For frames of `out` whose codes still are of the range `from`. Precondition: knows(out.finfo).
  RangeShift(const GstVideoInfo& out, GstVideoColorRange from);
  // The `width` x `height` picture in `frame`; alpha stays as it is.
  void apply(GstVideoFrame* frame, int width, int height) const;

 private:
  const GstVideoFormatInfo* format_;
  std::array<std::vector<std::uint16_t>, 3> code_;  // the new code of each code, by component
};

}  // namespace skyline
