// I420 and NV12 to colour and gray, in plain C++. Chroma is the nearest sample's: it is not
// interpolated, so that a picture converted there and back keeps its edges.
#include "frame/band_kernel.h"
#include "frame/frame_convert_plain.h"

namespace skyline {
namespace {

using namespace plain;

int luma_q6(Byte luma, const ColourFromYuv& w) { return static_cast<int>(mul_high(luma * 256u, w.luma)); }

// What a chroma pair adds to the luma of its pixels, Q6.
struct ColourParts {
  int red, green, blue;
};

ColourParts colour_parts(Byte cb, Byte cr, const ColourFromYuv& w) {
  const int blue = (cb - 128) * 256;
  const int red = (cr - 128) * 256;
  return {w.offset + mul_fixed_point_15(red, w.red_cr),
          w.offset - mul_fixed_point_15(blue, w.green_cb) - mul_fixed_point_15(red, w.green_cr),
          w.offset + mul_fixed_point_15(blue, w.blue_cb)};
}

void yuv_to_colour(const FrameView& from, const MutableFrameView& to, const ColourFromYuv& w, RowBand band) {
  const bool interleaved = from.format == Format::NV12;
  const int distance = interleaved ? 2 : 1;
  const int bytes = pixel_bytes(to.format);
  const int blue_at = blue_first(to.format) ? 0 : 2;
  for (int y = band.first; y < band.end; ++y) {
    const Byte* luma = row_of(from, 0, y);
    const Byte* cb = row_of(from, 1, y / 2);
    const Byte* cr = interleaved ? cb + 1 : row_of(from, 2, y / 2);
    Byte* pixel = row_of(to, 0, y);
    for (int x = 0; x < from.width; ++x, pixel += bytes) {
      const int brightness = luma_q6(luma[x], w);
      const ColourParts parts = colour_parts(cb[x / 2 * distance], cr[x / 2 * distance], w);
      pixel[blue_at] = byte_from_q6(brightness + parts.blue);
      pixel[1] = byte_from_q6(brightness + parts.green);
      pixel[2 - blue_at] = byte_from_q6(brightness + parts.red);
      if (bytes == 4) pixel[3] = 255;
    }
  }
}

void yuv_to_gray(const FrameView& from, const MutableFrameView& to, const ColourFromYuv& w, RowBand band) {
  for (int y = band.first; y < band.end; ++y) {
    const Byte* luma = row_of(from, 0, y);
    Byte* gray = row_of(to, 0, y);
    for (int x = 0; x < from.width; ++x) gray[x] = byte_from_q6(luma_q6(luma[x], w) + w.offset);
  }
}

void yuv_to_wide_gray(const FrameView& from, const MutableFrameView& to, const ColourWeights& w, RowBand band) {
  const auto span = static_cast<std::uint32_t>(w.white - w.black);
  for (int y = band.first; y < band.end; ++y) {
    const Byte* luma = row_of(from, 0, y);
    Byte* gray = row_of(to, 0, y);
    for (int x = 0; x < from.width; ++x) {
      const auto above_black = static_cast<std::uint32_t>(std::clamp<int>(luma[x], w.black, w.white) - w.black);
      put_word(gray + 2 * x, (above_black * 65535 + span / 2) / span);
    }
  }
}

}  // namespace

void from_yuv_plain(const FrameView& from, const MutableFrameView& to, const ColourWeights& weights, RowBand band) {
  if (is_colour(to.format)) {
    yuv_to_colour(from, to, weights.from_yuv, band);
  } else if (to.format == Format::GRAY8) {
    yuv_to_gray(from, to, weights.from_yuv, band);
  } else {
    yuv_to_wide_gray(from, to, weights, band);
  }
}

}  // namespace skyline
