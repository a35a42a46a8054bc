// What the conversion kernels share: one call converts a band of rows of one frame.
//
// Inside frame/ only. A kernel takes every pair of formats, between frames of the same size that
// do not overlap; checks and padding are its caller's.
#pragma once

#include <vector>

#include "frame/colour_weights.h"
#include "frame/frame_view.h"

namespace skyline {

struct RowBand {
  int first = 0;  // even, so that a row of chroma belongs to one band
  int end = 0;  // one past the last; even, or the height
};

using BandKernel = void (*)(const FrameView& from, const MutableFrameView& to, const ColourWeights& weights,
                            RowBand band);

void convert_band_plain(const FrameView& from, const MutableFrameView& to, const ColourWeights& weights, RowBand band);

// The plain kernel's parts. The vector kernels leave to them what is rare, and the ends of rows.
void to_yuv_plain(const FrameView& from, const MutableFrameView& to, const ColourWeights& weights, RowBand band);
void from_yuv_plain(const FrameView& from, const MutableFrameView& to, const ColourWeights& weights, RowBand band);
void repack_plain(const FrameView& from, const MutableFrameView& to, const ColourWeights& weights, RowBand band);
// Pixels of one packed format into another, as many as are said.
void repack_pixels(Format from, Format to, const std::uint8_t* source, std::uint8_t* destination, int pixels,
                   const ColourWeights& weights);
// Gray has no colour: fills the chroma rows that belong to the band.
void fill_grey_chroma(const MutableFrameView& to, RowBand band);
void copy_plane(const FrameView& from, const MutableFrameView& to, std::size_t plane, RowBand rows);
// Chroma samples of I420 into pairs of NV12, and back.
void pair_samples(const std::uint8_t* cb, const std::uint8_t* cr, std::uint8_t* pairs, int count);
void part_samples(const std::uint8_t* pairs, std::uint8_t* cb, std::uint8_t* cr, int count);

struct Kernel {
  const char* target;  // Highway's name, e.g. "AVX2", or "plain"
  BandKernel convert_band;
};
// Those for vectors that this build has and this machine can run, best first.
const std::vector<Kernel>& simd_kernels();
const Kernel& kernel_in_use();  // throws SinkError where SKYLINE_SIMD names none

inline RowBand chroma_rows(RowBand band) { return {band.first / 2, band.end / 2 + band.end % 2}; }

inline const std::uint8_t* row_of(const FrameView& view, std::size_t plane, int row) {
  return view.plane[plane] + row * view.stride[plane];
}
inline std::uint8_t* row_of(const MutableFrameView& view, std::size_t plane, int row) {
  return view.plane[plane] + row * view.stride[plane];
}

inline bool blue_first(Format format) {
  return format == Format::BGR || format == Format::BGRA || format == Format::BGRx;
}

}  // namespace skyline
