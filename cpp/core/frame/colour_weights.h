// Integer weights from colour to Y'CbCr, derived from the two constants that define a matrix.
//
// Fixed point: a colour value v enters as v << 8 (Q8, 16 bits), a weight is Q16, and the high half
// of their product is Q8 again. 16-bit weights keep luma within 0.51 code of the exact value.
#pragma once

#include <cstdint>

#include "frame/frame_convert.h"

namespace skyline {

struct ColourWeights {
  // Luma: y_offset + red + green + blue.
  std::uint16_t y_red, y_green, y_blue, y_offset;
  // Chroma: c_offset + c_own * (blue for Cb, red for Cr) - the two others.
  std::uint16_t c_own, c_offset;
  std::uint16_t cb_minus_red, cb_minus_green;
  std::uint16_t cr_minus_blue, cr_minus_green;
  // Luma of a grey value: 8 bits in Q8, and 16 bits as they are.
  std::uint16_t y_grey8, y_grey16;
};

ColourWeights colour_weights(Colorimetry colorimetry);

}  // namespace skyline
