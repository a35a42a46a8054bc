// Integer weights between colour and Y'CbCr, derived from the two constants that define a matrix.
//
// Fixed point, in 16-bit lanes. Towards Y'CbCr a colour value v enters as v << 8 (Q8), a weight is
// Q16, and the high half of their product is Q8 again: within 0.51 code of the exact value. Back
// to colour the products are Q6, which leaves room for blue at twice its range: within 0.53.
#pragma once

#include <cstdint>

#include "frame/frame_convert.h"

namespace skyline {

// offset + red + green + blue, of three colours or of one gray value.
struct LumaWeights {
  std::uint16_t red, green, blue, offset;
  std::uint16_t grey8, grey16;  // of gray: 8 bits in Q8, and 16 bits as they are
};

// Of 8-bit colours in 16-bit gray: red + green + blue, Q20. They sum to 257, so that 255 is 65535.
struct WideGrayWeights {
  std::uint32_t red, green, blue;
};

// offset + own * (blue for Cb, red for Cr) - the two others.
struct ChromaWeights {
  std::uint16_t own, offset;
  std::uint16_t cb_minus_red, cb_minus_green;
  std::uint16_t cr_minus_blue, cr_minus_green;
};

// luma * Y + the colour's part of Cb and Cr, counted from 128, + offset, all in Q6.
struct ColourFromYuv {
  std::uint16_t luma;                                  // Q14
  std::int16_t red_cr, blue_cb, green_cb, green_cr;    // Q13; green's are subtracted
  std::int16_t offset;                                 // Q6: half a code, less the black of limited range
};

struct ColourWeights {
  LumaWeights luma;   // of the Y'CbCr
  LumaWeights gray;   // of gray frames, which are full range whatever the Y'CbCr is
  WideGrayWeights wide_gray;
  ChromaWeights chroma;
  ColourFromYuv from_yuv;
  int black, white;   // codes of luma
};

ColourWeights colour_weights(Colorimetry colorimetry);

}  // namespace skyline
