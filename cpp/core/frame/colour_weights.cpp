#include "frame/colour_weights.h"

#include <algorithm>
#include <cmath>

namespace skyline {
namespace {

long q16(double value) { return std::lround(65536.0 * value); }

std::uint16_t weight(long value) { return static_cast<std::uint16_t>(std::clamp(value, 0L, 65535L)); }

}  // namespace

ColourWeights colour_weights(Colorimetry colorimetry) {
  const bool hd = colorimetry.matrix == Matrix::bt709;
  const bool limited = colorimetry.range == Range::limited;
  const double red = hd ? 0.2126 : 0.299;
  const double blue = hd ? 0.0722 : 0.114;
  const double luma_scale = limited ? 219.0 / 255.0 : 1.0;
  const double chroma_scale = limited ? 112.0 / 255.0 : 0.5;

  // Green takes what rounding left over, so that white, black and every grey come out exact and
  // the chroma of a grey is exactly 128.
  const long y_red = q16(luma_scale * red);
  const long y_blue = q16(luma_scale * blue);
  const long y_all = q16(luma_scale);
  const long own = q16(chroma_scale);
  const long cb_red = q16(chroma_scale * red / (1.0 - blue));
  const long cr_blue = q16(chroma_scale * blue / (1.0 - red));

  ColourWeights weights{};
  weights.y_red = weight(y_red);
  weights.y_green = weight(y_all - y_red - y_blue);
  weights.y_blue = weight(y_blue);
  // Half a code rounds; one more is what three truncated products lose on average.
  weights.y_offset = weight((limited ? 16 * 256 : 0) + 128 + 1);
  weights.c_own = weight(own);
  weights.c_offset = weight(128 * 256 + 128);
  weights.cb_minus_red = weight(cb_red);
  weights.cb_minus_green = weight(own - cb_red);
  weights.cr_minus_blue = weight(cr_blue);
  weights.cr_minus_green = weight(own - cr_blue);
  // Full range wants 65536, which 65535 stands in for: the product loses one of 256 parts of a
  // code, less than the offset gives.
  weights.y_grey8 = weight(y_all);
  weights.y_grey16 = weight(q16(luma_scale * 65280.0 / 65535.0));
  return weights;
}

}  // namespace skyline
