// Colour and gray to I420 and NV12, in vectors.
//
// Two rows at a time, N pixels (the bytes of a vector) per step: both luma rows and the chroma row
// come from one load of each.
//
// Included once per SIMD target, see frame_convert_simd.cpp; hence the guard that toggles.
#if defined(SKYLINE_FRAME_TO_YUV_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef SKYLINE_FRAME_TO_YUV_INL_H
#undef SKYLINE_FRAME_TO_YUV_INL_H
#else
#define SKYLINE_FRAME_TO_YUV_INL_H
#endif

#include <algorithm>
#include <cstring>

#include "frame/frame_convert_interleave-inl.h"

HWY_BEFORE_NAMESPACE();
namespace skyline {
namespace HWY_NAMESPACE {

// One weight per lane. "First" and "third" are bytes of a pixel: blue and red, or red and blue.
struct ChromaConstants {
  Words own, offset;
  Words first_minus_third, first_minus_green;
  Words third_minus_first, third_minus_green;

  HWY_INLINE ChromaConstants(const ChromaWeights& w, bool is_blue_first)
      : own(hn::Set(kWords, w.own)),
        offset(hn::Set(kWords, w.offset)),
        first_minus_third(hn::Set(kWords, is_blue_first ? w.cb_minus_red : w.cr_minus_blue)),
        first_minus_green(hn::Set(kWords, is_blue_first ? w.cb_minus_green : w.cr_minus_green)),
        third_minus_first(hn::Set(kWords, is_blue_first ? w.cr_minus_blue : w.cb_minus_red)),
        third_minus_green(hn::Set(kWords, is_blue_first ? w.cr_minus_green : w.cb_minus_green)) {}
};

struct YuvConstants {
  LumaConstants luma;
  ChromaConstants chroma;

  HWY_INLINE YuvConstants(const ColourWeights& w, bool is_blue_first)
      : luma(w.luma, is_blue_first), chroma(w.chroma, is_blue_first) {}
};

// Of 2x2 pixels. Exact: the low bytes are empty, so neither average rounds.
HWY_INLINE Words mean(const Halves& upper, const Halves& lower) {
  return hn::AverageRound(hn::AverageRound(upper.even, lower.odd), hn::AverageRound(upper.odd, lower.even));
}

// N pixels of two rows.
template <int kChannels, Chroma kChroma>
HWY_INLINE void convert_block(const Byte* upper, const Byte* lower, Byte* upper_luma, Byte* lower_luma, Byte* chroma1,
                              Byte* chroma2, const YuvConstants& k) {
  const Colours above = load_colours<kChannels>(upper);
  hn::StoreU(luma(above, k.luma), kBytes, upper_luma);
  const Colours below = load_colours<kChannels>(lower);
  hn::StoreU(luma(below, k.luma), kBytes, lower_luma);

  const Words first_mean = mean(above.first, below.first);
  const Words green_mean = mean(above.green, below.green);
  const Words third_mean = mean(above.third, below.third);
  // Saturates: full-range blue and red reach 256, which must not wrap to 0.
  const Words first_own = hn::SaturatedAdd(k.chroma.offset, hn::MulHigh(first_mean, k.chroma.own));
  const Words third_own = hn::SaturatedAdd(k.chroma.offset, hn::MulHigh(third_mean, k.chroma.own));
  const Words first_chroma = hn::Sub(hn::Sub(first_own, hn::MulHigh(green_mean, k.chroma.first_minus_green)),
                                     hn::MulHigh(third_mean, k.chroma.first_minus_third));
  const Words third_chroma = hn::Sub(hn::Sub(third_own, hn::MulHigh(green_mean, k.chroma.third_minus_green)),
                                     hn::MulHigh(first_mean, k.chroma.third_minus_first));
  if constexpr (kChroma == Chroma::planes) {
    store_high_bytes(first_chroma, chroma1);
    store_high_bytes(third_chroma, chroma2);
  } else if constexpr (kChroma == Chroma::first_third) {
    hn::StoreU(merge(first_chroma, third_chroma), kBytes, chroma1);
  } else {
    hn::StoreU(merge(third_chroma, first_chroma), kBytes, chroma1);
  }
}

// Fewer than N pixels, through blocks on the stack: never touches a byte outside the rows. The
// last pixel is repeated, which gives the odd column its chroma.
template <int kChannels, Chroma kChroma>
void convert_tail(const Byte* upper, const Byte* lower, Byte* upper_luma, Byte* lower_luma, Byte* chroma1,
                  Byte* chroma2, int pixels, const YuvConstants& k) {
  constexpr std::size_t kBlockBytes = static_cast<std::size_t>(kLanes) * kChannels;
  alignas(64) Byte source[2][kBlockBytes];
  alignas(64) Byte result[4][kLanes];
  const auto bytes = static_cast<std::size_t>(pixels) * kChannels;
  std::memcpy(source[0], upper, bytes);
  std::memcpy(source[1], lower, bytes);
  for (std::size_t at = bytes; at < kBlockBytes; ++at) {
    source[0][at] = source[0][at - kChannels];
    source[1][at] = source[1][at - kChannels];
  }
  convert_block<kChannels, kChroma>(source[0], source[1], result[0], result[1], result[2], result[3], k);
  const auto count = static_cast<std::size_t>(pixels);
  const std::size_t pairs = (count + 1) / 2;
  std::memcpy(upper_luma, result[0], count);
  std::memcpy(lower_luma, result[1], count);
  std::memcpy(chroma1, result[2], kChroma == Chroma::planes ? pairs : 2 * pairs);
  if (kChroma == Chroma::planes) std::memcpy(chroma2, result[3], pairs);
}

template <int kChannels, Chroma kChroma>
void convert_colour(const FrameView& from, const MutableFrameView& to, const ColourWeights& weights, RowBand band) {
  const bool is_blue_first = blue_first(from.format);
  const YuvConstants k(weights, is_blue_first);
  const std::size_t first_plane = kChroma == Chroma::planes && !is_blue_first ? 2 : 1;
  const std::size_t third_plane = 3 - first_plane;
  constexpr int kHalf = kChroma == Chroma::planes ? 2 : 1;
  const int last = band.end - 1;
  for (int y = band.first; y < band.end; y += 2) {
    const int partner = std::min(y + 1, last);  // an odd last row is its own
    const Byte* upper = row_of(from, 0, y);
    const Byte* lower = row_of(from, 0, partner);
    const Byte* next_upper = row_of(from, 0, std::min(y + 2, last));
    const Byte* next_lower = row_of(from, 0, std::min(y + 3, last));
    Byte* upper_luma = row_of(to, 0, y);
    Byte* lower_luma = row_of(to, 0, partner);
    Byte* chroma1 = row_of(to, first_plane, y / 2);
    Byte* chroma2 = kChroma == Chroma::planes ? row_of(to, third_plane, y / 2) : chroma1;
    int x = 0;
    for (; x + kLanes <= from.width; x += kLanes) {
      prefetch<kLanes * kChannels>(next_upper + x * kChannels);
      prefetch<kLanes * kChannels>(next_lower + x * kChannels);
      convert_block<kChannels, kChroma>(upper + x * kChannels, lower + x * kChannels, upper_luma + x, lower_luma + x,
                                        chroma1 + x / kHalf, chroma2 + x / kHalf, k);
    }
    if (x < from.width) {
      convert_tail<kChannels, kChroma>(upper + x * kChannels, lower + x * kChannels, upper_luma + x, lower_luma + x,
                                       chroma1 + x / kHalf, chroma2 + x / kHalf, from.width - x, k);
    }
  }
}

template <int kChannels>
void convert_colour_to(const FrameView& from, const MutableFrameView& to, const ColourWeights& weights, RowBand band) {
  if (to.format == Format::I420) {
    convert_colour<kChannels, Chroma::planes>(from, to, weights, band);
  } else if (blue_first(from.format)) {
    convert_colour<kChannels, Chroma::first_third>(from, to, weights, band);
  } else {
    convert_colour<kChannels, Chroma::third_first>(from, to, weights, band);
  }
}

struct GrayConstants {
  Words weight, offset;
  HWY_INLINE GrayConstants(const LumaWeights& w, bool wide)
      : weight(hn::Set(kWords, wide ? w.grey16 : w.grey8)), offset(hn::Set(kWords, w.offset)) {}
};

// N bytes of gray: N pixels of 8 bits, half as many of 16.
template <int kPixelBytes>
HWY_INLINE void gray_block(const Byte* source, Byte* destination, const GrayConstants& k) {
  const Bytes values = hn::LoadU(kBytes, source);
  if constexpr (kPixelBytes == 1) {
    hn::StoreU(merge(hn::Add(k.offset, hn::MulHigh(even_q8(values), k.weight)),
                     hn::Add(k.offset, hn::MulHigh(odd_q8(values), k.weight))),
               kBytes, destination);
  } else {
    const Words words = hn::BitCast(kWords, values);
    store_high_bytes(hn::Add(k.offset, hn::MulHigh(words, k.weight)), destination);
  }
}

template <int kPixelBytes>
void convert_gray(const FrameView& from, const MutableFrameView& to, const LumaWeights& weights, RowBand band) {
  const GrayConstants k(weights, kPixelBytes == 2);
  constexpr int kStep = kLanes / kPixelBytes;
  for (int y = band.first; y < band.end; ++y) {
    const Byte* source = row_of(from, 0, y);
    const Byte* next = row_of(from, 0, std::min(y + 1, band.end - 1));
    Byte* destination = row_of(to, 0, y);
    int x = 0;
    for (; x + kStep <= from.width; x += kStep) {
      prefetch<kLanes>(next + x * kPixelBytes);
      gray_block<kPixelBytes>(source + x * kPixelBytes, destination + x, k);
    }
    if (x < from.width) {
      const auto rest = static_cast<std::size_t>(from.width - x);
      alignas(64) Byte values[kLanes] = {};
      alignas(64) Byte result[kLanes];
      std::memcpy(values, source + x * kPixelBytes, rest * kPixelBytes);
      gray_block<kPixelBytes>(values, result, k);
      std::memcpy(destination + x, result, rest);
    }
  }
  fill_grey_chroma(to, band);
}

inline void convert_to_yuv(const FrameView& from, const MutableFrameView& to, const ColourWeights& weights,
                           RowBand band) {
  switch (pixel_bytes(from.format)) {
    case 1:
      return convert_gray<1>(from, to, weights.luma, band);
    case 2:
      return convert_gray<2>(from, to, weights.luma, band);
    case 3:
      return convert_colour_to<3>(from, to, weights, band);
    default:
      return convert_colour_to<4>(from, to, weights, band);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace skyline
HWY_AFTER_NAMESPACE();

#endif
