// Colour and gray to I420 and NV12, in plain C++.
#include <algorithm>
#include <cstring>

#include "frame/band_kernel.h"
#include "frame/frame_convert_plain.h"

namespace skyline {
namespace {

using namespace plain;

// Exact: four values of 8 bits leave six of the eight fraction bits empty.
Colour mean(const Colour& a, const Colour& b, const Colour& c, const Colour& d) {
  return {(a.red + b.red + c.red + d.red) / 4, (a.green + b.green + c.green + d.green) / 4,
          (a.blue + b.blue + c.blue + d.blue) / 4};
}

// Saturates: full-range blue and red reach 256, which must not wrap to 0.
std::uint32_t own_part(std::uint32_t value, const ChromaWeights& w) {
  return std::min<std::uint32_t>(w.offset + mul_high(value, w.own), 65535);
}
Byte chroma_blue(const Colour& c, const ChromaWeights& w) {
  return byte_from_q8(own_part(c.blue, w) - mul_high(c.green, w.cb_minus_green) - mul_high(c.red, w.cb_minus_red));
}
Byte chroma_red(const Colour& c, const ChromaWeights& w) {
  return byte_from_q8(own_part(c.red, w) - mul_high(c.green, w.cr_minus_green) - mul_high(c.blue, w.cr_minus_blue));
}

// Where the samples of one colour difference stand in a chroma row.
struct ChromaRow {
  Byte* samples;
  int distance;
};

void colour_to_yuv(const FrameView& from, const MutableFrameView& to, const ColourWeights& w, RowBand band) {
  const bool is_blue_first = blue_first(from.format);
  const int bytes = pixel_bytes(from.format);
  const bool interleaved = to.format == Format::NV12;
  for (int y = band.first; y < band.end; y += 2) {
    const int partner = std::min(y + 1, from.height - 1);  // an odd last row is its own
    const Byte* upper = row_of(from, 0, y);
    const Byte* lower = row_of(from, 0, partner);
    Byte* upper_luma = row_of(to, 0, y);
    Byte* lower_luma = row_of(to, 0, partner);
    Byte* chroma = row_of(to, 1, y / 2);
    const ChromaRow cb{chroma, interleaved ? 2 : 1};
    const ChromaRow cr{interleaved ? chroma + 1 : row_of(to, 2, y / 2), cb.distance};
    for (int x = 0; x < from.width; x += 2) {
      const int right = std::min(x + 1, from.width - 1);
      const Colour a = colour_at(upper + x * bytes, is_blue_first);
      const Colour b = colour_at(upper + right * bytes, is_blue_first);
      const Colour c = colour_at(lower + x * bytes, is_blue_first);
      const Colour d = colour_at(lower + right * bytes, is_blue_first);
      upper_luma[x] = luma(a, w.luma);
      upper_luma[right] = luma(b, w.luma);
      lower_luma[x] = luma(c, w.luma);
      lower_luma[right] = luma(d, w.luma);
      const Colour block = mean(a, b, c, d);
      cb.samples[x / 2 * cb.distance] = chroma_blue(block, w.chroma);
      cr.samples[x / 2 * cr.distance] = chroma_red(block, w.chroma);
    }
  }
}

void gray_to_yuv(const FrameView& from, const MutableFrameView& to, const LumaWeights& w, RowBand band) {
  const bool wide = from.format == Format::GRAY16_LE;
  for (int y = band.first; y < band.end; ++y) {
    const Byte* source = row_of(from, 0, y);
    Byte* destination = row_of(to, 0, y);
    for (int x = 0; x < from.width; ++x) {
      const std::uint32_t scaled =
          wide ? mul_high(word_at(source + 2 * x), w.grey16) : mul_high(source[x] * 256u, w.grey8);
      destination[x] = byte_from_q8(w.offset + scaled);
    }
  }
  fill_grey_chroma(to, band);
}

}  // namespace

void fill_grey_chroma(const MutableFrameView& to, RowBand band) {
  const RowBand rows = chroma_rows(band);
  for (int plane = 1; plane < plane_count(to.format); ++plane) {
    const std::size_t bytes = plane_row_bytes(to.format, plane, to.width);
    for (int y = rows.first; y < rows.end; ++y) {
      std::memset(row_of(to, static_cast<std::size_t>(plane), y), 128, bytes);
    }
  }
}

void to_yuv_plain(const FrameView& from, const MutableFrameView& to, const ColourWeights& weights, RowBand band) {
  if (is_colour(from.format)) {
    colour_to_yuv(from, to, weights, band);
  } else {
    gray_to_yuv(from, to, weights.luma, band);
  }
}

}  // namespace skyline
