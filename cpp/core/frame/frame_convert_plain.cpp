// The kernels in plain C++: what every vector target must reproduce bit by bit.
#include <cstring>

#include "frame/band_kernel.h"

namespace skyline {
namespace {

void copy_planes(const FrameView& from, const MutableFrameView& to, RowBand band) {
  copy_plane(from, to, 0, band);
  for (int plane = 1; plane < plane_count(from.format); ++plane) {
    copy_plane(from, to, static_cast<std::size_t>(plane), chroma_rows(band));
  }
}

void exchange_chroma(const FrameView& from, const MutableFrameView& to, RowBand band) {
  copy_plane(from, to, 0, band);
  const RowBand rows = chroma_rows(band);
  const int pairs = (from.width + 1) / 2;
  for (int y = rows.first; y < rows.end; ++y) {
    if (from.format == Format::I420) {
      pair_samples(row_of(from, 1, y), row_of(from, 2, y), row_of(to, 1, y), pairs);
    } else {
      part_samples(row_of(from, 1, y), row_of(to, 1, y), row_of(to, 2, y), pairs);
    }
  }
}

}  // namespace

void copy_plane(const FrameView& from, const MutableFrameView& to, std::size_t plane, RowBand rows) {
  const std::size_t bytes = plane_row_bytes(from.format, static_cast<int>(plane), from.width);
  for (int y = rows.first; y < rows.end; ++y) {
    std::memcpy(row_of(to, plane, y), row_of(from, plane, y), bytes);
  }
}

void pair_samples(const std::uint8_t* cb, const std::uint8_t* cr, std::uint8_t* pairs, int count) {
  for (int x = 0; x < count; ++x) {
    pairs[2 * x] = cb[x];
    pairs[2 * x + 1] = cr[x];
  }
}

void part_samples(const std::uint8_t* pairs, std::uint8_t* cb, std::uint8_t* cr, int count) {
  for (int x = 0; x < count; ++x) {
    cb[x] = pairs[2 * x];
    cr[x] = pairs[2 * x + 1];
  }
}

void convert_band_plain(const FrameView& from, const MutableFrameView& to, const ColourWeights& weights, RowBand band) {
  if (from.format == to.format) {
    copy_planes(from, to, band);
  } else if (is_planar(from.format) && is_planar(to.format)) {
    exchange_chroma(from, to, band);
  } else if (is_planar(to.format)) {
    to_yuv_plain(from, to, weights, band);
  } else if (is_planar(from.format)) {
    from_yuv_plain(from, to, weights, band);
  } else {
    repack_plain(from, to, weights, band);
  }
}

}  // namespace skyline
