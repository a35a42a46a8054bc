// The kernels for vectors: compiled once per SIMD target, chosen when the program runs.
//
// Each direction is a header of its own, which is included again for every target.
#include "frame/band_kernel.h"

#if SKYLINE_HAVE_HIGHWAY

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "frame/frame_convert_simd.cpp"
// Vectors of a size unknown at compile time cannot be members; such machines run NEON or plain C++.
#ifndef HWY_DISABLED_TARGETS
#define HWY_DISABLED_TARGETS (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)
#endif
#include <hwy/foreach_target.h>  // re-includes this file; must precede highway.h
#include <hwy/highway.h>

#if HWY_TARGET != HWY_SCALAR
#include "frame/frame_convert_from_yuv-inl.h"
#include "frame/frame_convert_packed-inl.h"
#include "frame/frame_convert_to_yuv-inl.h"
#endif

HWY_BEFORE_NAMESPACE();
namespace skyline {
namespace HWY_NAMESPACE {

void convert_band(const FrameView& from, const MutableFrameView& to, const ColourWeights& weights, RowBand band) {
#if HWY_TARGET == HWY_SCALAR
  // Highway 1.0.3 has no byte operations for its one-lane vectors.
  convert_band_plain(from, to, weights, band);
#else
  if (from.format == to.format) {
    convert_band_plain(from, to, weights, band);  // memcpy, row by row
  } else if (is_planar(from.format) && is_planar(to.format)) {
    exchange_chroma(from, to, band);
  } else if (is_planar(to.format)) {
    convert_to_yuv(from, to, weights, band);
  } else if (is_planar(from.format)) {
    convert_from_yuv(from, to, weights, band);
  } else {
    repack(from, to, weights, band);
  }
#endif
}

}  // namespace HWY_NAMESPACE
}  // namespace skyline
HWY_AFTER_NAMESPACE();

#if HWY_ONCE

namespace skyline {

namespace {

HWY_EXPORT(convert_band);

std::vector<Kernel> find_kernels() {
  std::vector<Kernel> kernels;
  for (const std::int64_t target : hwy::SupportedAndGeneratedTargets()) {
    if (target == HWY_SCALAR || target == HWY_EMU128) continue;  // no faster than plain C++
#ifdef HWY_SSE2
    if (target == HWY_SSE2) continue;  // without byte shuffles half as fast as plain C++
#endif
    // Highway's table is indexed through a choice of our own, since its global one is shared with
    // every other user of the library in this process.
    std::size_t index = 0;
    if ((HWY_TARGETS & (HWY_TARGETS - 1)) != 0) {
      hwy::ChosenTarget choice;
      choice.Update(target);
      index = choice.GetIndex();
    }
    kernels.push_back({hwy::TargetName(target), HWY_DISPATCH_TABLE(convert_band)[index]});
  }
  return kernels;
}

}  // namespace

const std::vector<Kernel>& simd_kernels() {
  static const std::vector<Kernel> kernels = find_kernels();
  return kernels;
}

}  // namespace skyline

#endif  // HWY_ONCE

#else

namespace skyline {

const std::vector<Kernel>& simd_kernels() {
  static const std::vector<Kernel> none;
  return none;
}

}  // namespace skyline

#endif  // SKYLINE_HAVE_HIGHWAY
