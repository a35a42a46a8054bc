// The kernels in plain C++: what every vector target must reproduce bit by bit.
#include <algorithm>
#include <cstring>

#include "frame/band_kernel.h"

namespace skyline {
namespace {

using Byte = std::uint8_t;

// The high half of a 16 x 16 bit product, as a vector lane computes it.
constexpr std::uint32_t mul_high(std::uint32_t value, std::uint32_t weight) { return value * weight >> 16; }
constexpr Byte to_byte(std::uint32_t q8) { return static_cast<Byte>(q8 >> 8); }

struct Colour {  // Q8
  std::uint32_t red, green, blue;
};

Colour colour_at(const Byte* pixel, bool is_blue_first) {
  const Colour colour{pixel[2] * 256u, pixel[1] * 256u, pixel[0] * 256u};
  return is_blue_first ? colour : Colour{colour.blue, colour.green, colour.red};
}

// Exact: four values of 8 bits leave six of the eight fraction bits empty.
Colour mean(const Colour& a, const Colour& b, const Colour& c, const Colour& d) {
  return {(a.red + b.red + c.red + d.red) / 4, (a.green + b.green + c.green + d.green) / 4,
          (a.blue + b.blue + c.blue + d.blue) / 4};
}

Byte luma(const Colour& colour, const ColourWeights& w) {
  return to_byte(w.y_offset + mul_high(colour.red, w.y_red) + mul_high(colour.green, w.y_green) +
                 mul_high(colour.blue, w.y_blue));
}

// Saturates: full-range blue and red reach 256, which must not wrap to 0.
std::uint32_t own_part(std::uint32_t value, const ColourWeights& w) {
  return std::min<std::uint32_t>(w.c_offset + mul_high(value, w.c_own), 65535);
}
Byte chroma_blue(const Colour& c, const ColourWeights& w) {
  return to_byte(own_part(c.blue, w) - mul_high(c.green, w.cb_minus_green) - mul_high(c.red, w.cb_minus_red));
}
Byte chroma_red(const Colour& c, const ColourWeights& w) {
  return to_byte(own_part(c.red, w) - mul_high(c.green, w.cr_minus_green) - mul_high(c.blue, w.cr_minus_blue));
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
      upper_luma[x] = luma(a, w);
      upper_luma[right] = luma(b, w);
      lower_luma[x] = luma(c, w);
      lower_luma[right] = luma(d, w);
      const Colour block = mean(a, b, c, d);
      cb.samples[x / 2 * cb.distance] = chroma_blue(block, w);
      cr.samples[x / 2 * cr.distance] = chroma_red(block, w);
    }
  }
}

void gray_to_yuv(const FrameView& from, const MutableFrameView& to, const ColourWeights& w, RowBand band) {
  const bool wide = from.format == Format::GRAY16_LE;
  for (int y = band.first; y < band.end; ++y) {
    const Byte* source = row_of(from, 0, y);
    Byte* destination = row_of(to, 0, y);
    for (int x = 0; x < from.width; ++x) {
      const std::uint32_t scaled =
          wide ? mul_high(source[2 * x] + source[2 * x + 1] * 256u, w.y_grey16) : mul_high(source[x] * 256u, w.y_grey8);
      destination[x] = to_byte(w.y_offset + scaled);
    }
  }
  fill_grey_chroma(to, band);
}

void copy_plane(const FrameView& from, const MutableFrameView& to, std::size_t plane, RowBand rows) {
  const std::size_t bytes = plane_row_bytes(from.format, static_cast<int>(plane), from.width);
  for (int y = rows.first; y < rows.end; ++y) {
    std::memcpy(row_of(to, plane, y), row_of(from, plane, y), bytes);
  }
}

void copy_planes(const FrameView& from, const MutableFrameView& to, RowBand band) {
  copy_plane(from, to, 0, band);
  for (int plane = 1; plane < plane_count(from.format); ++plane) {
    copy_plane(from, to, static_cast<std::size_t>(plane), chroma_rows(band));
  }
}

void planes_to_pairs(const FrameView& from, const MutableFrameView& to, RowBand band) {
  copy_plane(from, to, 0, band);
  const RowBand rows = chroma_rows(band);
  for (int y = rows.first; y < rows.end; ++y) {
    const Byte* cb = row_of(from, 1, y);
    const Byte* cr = row_of(from, 2, y);
    Byte* pairs = row_of(to, 1, y);
    for (int x = 0; x < (from.width + 1) / 2; ++x) {
      pairs[2 * x] = cb[x];
      pairs[2 * x + 1] = cr[x];
    }
  }
}

void pairs_to_planes(const FrameView& from, const MutableFrameView& to, RowBand band) {
  copy_plane(from, to, 0, band);
  const RowBand rows = chroma_rows(band);
  for (int y = rows.first; y < rows.end; ++y) {
    const Byte* pairs = row_of(from, 1, y);
    Byte* cb = row_of(to, 1, y);
    Byte* cr = row_of(to, 2, y);
    for (int x = 0; x < (from.width + 1) / 2; ++x) {
      cb[x] = pairs[2 * x];
      cr[x] = pairs[2 * x + 1];
    }
  }
}

}  // namespace

void repack_pixels(Format from, Format to, const Byte* source, Byte* destination, int pixels) {
  const bool is_gray = from == Format::GRAY8;
  const bool swapped = blue_first(from) != blue_first(to);
  const int first = is_gray || !swapped ? 0 : 2;
  const int second = is_gray ? 0 : 1;
  const int third = is_gray ? 0 : 2 - first;
  const int source_bytes = pixel_bytes(from);
  const int destination_bytes = pixel_bytes(to);
  for (int x = 0; x < pixels; ++x, source += source_bytes, destination += destination_bytes) {
    destination[0] = source[first];
    destination[1] = source[second];
    destination[2] = source[third];
    if (destination_bytes == 4) destination[3] = source_bytes == 4 ? source[3] : Byte{255};
  }
}

void fill_grey_chroma(const MutableFrameView& to, RowBand band) {
  const RowBand rows = chroma_rows(band);
  for (int plane = 1; plane < plane_count(to.format); ++plane) {
    const std::size_t bytes = plane_row_bytes(to.format, plane, to.width);
    for (int y = rows.first; y < rows.end; ++y) {
      std::memset(row_of(to, static_cast<std::size_t>(plane), y), 128, bytes);
    }
  }
}

void convert_band_plain(const FrameView& from, const MutableFrameView& to, const ColourWeights& weights, RowBand band) {
  if (from.format == to.format) {
    copy_planes(from, to, band);
  } else if (from.format == Format::I420) {
    planes_to_pairs(from, to, band);
  } else if (from.format == Format::NV12) {
    pairs_to_planes(from, to, band);
  } else if (!is_planar(to.format)) {
    for (int y = band.first; y < band.end; ++y) {
      repack_pixels(from.format, to.format, row_of(from, 0, y), row_of(to, 0, y), from.width);
    }
  } else if (channel_count(from.format) == 1) {
    gray_to_yuv(from, to, weights, band);
  } else {
    colour_to_yuv(from, to, weights, band);
  }
}

}  // namespace skyline
