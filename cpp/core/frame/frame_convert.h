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

// True where convert_frame has a path: the same format, anything to I420 and NV12, between the
// packed colour formats, and GRAY8 to those. Alpha is 255 where the source has none.
bool can_convert(Format from, Format to);

// Reads all of `from`, writes all of `to`. `to` has the size of `from`, or that size rounded up to
// even in either direction: the last column and row are then repeated into the padding. They must
// not overlap. Gray is full range; from YUV to YUV nothing is weighted, `colorimetry` is not used.
// 16 bits of gray are scaled to 8 (v / 257). Any thread; no memory is allocated.
// Throws FrameError for a pair that can_convert refuses or sizes that do not match.
void convert_frame(const FrameView& from, const MutableFrameView& to, Colorimetry colorimetry);

// The same in plain C++, whatever the machine: the oracle of the tests and the fallback.
void convert_frame_plain(const FrameView& from, const MutableFrameView& to, Colorimetry colorimetry);

// SIMD targets this build and this machine can run, best first, e.g. {"AVX3", "AVX2", "SSE4"};
// empty where the core was built without Highway.
std::vector<std::string> simd_targets();
// Restricts convert_frame to one of simd_targets(), or "plain"; "" lifts it. For tests and benchmarks.
void use_simd_target(const std::string& name);

}  // namespace skyline
