// One pass from a frame into a buffer of another format: the copy is the conversion.
//
// Fast where SIMD kernels exist, and bit-exact with the plain C++ twin on every target.
#pragma once

#include <string>
#include <vector>

#include "frame/frame_view.h"

namespace skyline {

enum class Matrix { bt601, bt709 };
enum class Range { limited, full };

struct Colorimetry {
  Matrix matrix = Matrix::bt709;
  Range range = Range::limited;
};

// GStreamer's caps value: "bt709", "bt601", or "range:matrix:transfer:primaries" for full range.
std::string colorimetry_caps(Colorimetry colorimetry);
// HD is bt709, SD (576 rows and fewer) bt601: GStreamer's own threshold, video-info.c.
Colorimetry default_colorimetry(int height, Range range = Range::limited);

// True where convert_frame has a path: between any two formats.
bool can_convert(Format from, Format to);

// Reads all of `from`, writes all of `to`. `to` has the size of `from`, or that size rounded up to
// even in either direction: the last column and row are then repeated into the padding. They must
// not overlap. `colorimetry` is that of the YUV frame; between two YUV frames nothing is weighted.
// Gray is full range, of 8 bits or 16: v * 257, and back to the nearest. From colour it is the luma
// of `colorimetry`'s matrix. Chroma is the mean of 2x2 pixels, and on the way back the nearest
// sample. Alpha, and the fourth byte of BGRx and RGBx, is 255 where the source has no alpha.
// Any thread; no memory is allocated. Throws FrameError for sizes that do not match,
// SinkError where SKYLINE_SIMD names no kernel.
void convert_frame(const FrameView& from, const MutableFrameView& to, Colorimetry colorimetry);

// The same in plain C++, whatever the machine: the oracle of the tests and the fallback.
void convert_frame_plain(const FrameView& from, const MutableFrameView& to, Colorimetry colorimetry);

// SIMD targets this build and this machine can run, best first, e.g. {"AVX3", "AVX2", "SSE4"};
// empty where the core was built without Highway.
std::vector<std::string> simd_targets();
// The one that convert_frame uses, or "plain": the first of simd_targets(), unless the environment
// variable SKYLINE_SIMD named another when frames were first converted. Where it names none, this
// and convert_frame throw SinkError, which says what this machine has.
std::string simd_target_in_use();
// Restricts convert_frame to one of simd_targets(), or "plain"; "" lifts it. For tests and
// benchmarks. Throws SinkError for another name.
void use_simd_target(const std::string& name);

}  // namespace skyline
