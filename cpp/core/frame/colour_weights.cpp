#include "frame/colour_weights.h"

#include <algorithm>
#include <cmath>

namespace skyline {
namespace {

struct Primaries {
  double red, blue;  // Kr and Kb of the standard
  double green() const { return 1.0 - red - blue; }
};

long fixed_point(double value, int fraction_bits) { return std::lround(std::ldexp(value, fraction_bits)); }
long q16(double value) { return fixed_point(value, 16); }

std::uint16_t weight(long value) { return static_cast<std::uint16_t>(std::clamp(value, 0L, 65535L)); }
std::int16_t signed_weight(long value) { return static_cast<std::int16_t>(value); }

// Green takes what rounding left over, here and below, so that white, black and every grey come
// out exact and the chroma of a grey is exactly 128.
LumaWeights luma_weights(const Primaries& primaries, double scale, int black) {
  const long red = q16(scale * primaries.red);
  const long blue = q16(scale * primaries.blue);
  const long all = q16(scale);
  LumaWeights weights{};
  weights.red = weight(red);
  weights.green = weight(all - red - blue);
  weights.blue = weight(blue);
  // Half a code rounds; one more is what three truncated products lose on average.
  weights.offset = weight(black * 256 + 128 + 1);
  // Full range wants 65536, which 65535 stands in for: the product loses one of 256 parts of a
  // code, less than the offset gives.
  weights.grey8 = weight(all);
  weights.grey16 = weight(q16(scale * 65280.0 / 65535.0));
  return weights;
}

WideGrayWeights wide_gray_weights(const Primaries& primaries) {
  const auto q20 = [](double value) { return static_cast<std::uint32_t>(fixed_point(value, 20)); };
  const std::uint32_t red = q20(257.0 * primaries.red);
  const std::uint32_t blue = q20(257.0 * primaries.blue);
  return {red, q20(257.0) - red - blue, blue};
}

ChromaWeights chroma_weights(const Primaries& primaries, double scale) {
  const long own = q16(scale);
  const long cb_red = q16(scale * primaries.red / (1.0 - primaries.blue));
  const long cr_blue = q16(scale * primaries.blue / (1.0 - primaries.red));
  ChromaWeights weights{};
  weights.own = weight(own);
  weights.offset = weight(128 * 256 + 128);
  weights.cb_minus_red = weight(cb_red);
  weights.cb_minus_green = weight(own - cb_red);
  weights.cr_minus_blue = weight(cr_blue);
  weights.cr_minus_green = weight(own - cr_blue);
  return weights;
}

ColourFromYuv from_yuv_weights(const Primaries& primaries, double luma_scale, double chroma_scale, int black) {
  const double red = (1.0 - primaries.red) / chroma_scale;
  const double blue = (1.0 - primaries.blue) / chroma_scale;
  ColourFromYuv weights{};
  weights.luma = weight(fixed_point(1.0 / luma_scale, 14));
  weights.red_cr = signed_weight(fixed_point(red, 13));
  weights.blue_cb = signed_weight(fixed_point(blue, 13));
  weights.green_cb = signed_weight(fixed_point(blue * primaries.blue / primaries.green(), 13));
  weights.green_cr = signed_weight(fixed_point(red * primaries.red / primaries.green(), 13));
  weights.offset = signed_weight(32 - fixed_point(black / luma_scale, 6));
  return weights;
}

}  // namespace

ColourWeights colour_weights(Colorimetry colorimetry) {
  const bool limited = colorimetry.range == Range::limited;
  const Primaries primaries = colorimetry.matrix == Matrix::bt709 ? Primaries{0.2126, 0.0722} : Primaries{0.299, 0.114};
  const double luma_scale = limited ? 219.0 / 255.0 : 1.0;
  const double chroma_scale = limited ? 112.0 / 255.0 : 0.5;  // of the distance from grey to the end
  const int black = limited ? 16 : 0;
  return {luma_weights(primaries, luma_scale, black),
          luma_weights(primaries, 1.0, 0),
          wide_gray_weights(primaries),
          chroma_weights(primaries, chroma_scale),
          from_yuv_weights(primaries, luma_scale, chroma_scale, black),
          black,
          limited ? 235 : 255};
}

}  // namespace skyline
