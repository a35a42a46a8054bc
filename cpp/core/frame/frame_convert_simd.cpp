// The kernels for vectors: compiled once per SIMD target, chosen when the program runs.
//
// Two rows are converted at a time, N pixels (the bytes of a vector) per step: both luma rows and
// the chroma row come from one load. Every colour value stands in the high byte of a 16-bit lane
// (Q8), even and odd pixels in vectors of their own, so that a product is one instruction and the
// results merge without leaving their lanes.
#include <algorithm>
#include <cstring>

#include "frame/band_kernel.h"

#if SKYLINE_HAVE_HIGHWAY

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "frame/frame_convert_simd.cpp"
// Vectors of a size unknown at compile time cannot be members; such machines run NEON or plain C++.
#ifndef HWY_DISABLED_TARGETS
#define HWY_DISABLED_TARGETS (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)
#endif
#include <hwy/cache_control.h>
#include <hwy/foreach_target.h>  // re-includes this file; must precede highway.h
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace skyline {
namespace HWY_NAMESPACE {

#if HWY_TARGET == HWY_SCALAR

// Highway 1.0.3 has no byte operations for its one-lane vectors.
void convert_band(const FrameView& from, const MutableFrameView& to, const ColourWeights& weights, RowBand band) {
  convert_band_plain(from, to, weights, band);
}

#else

namespace hn = hwy::HWY_NAMESPACE;

using Byte = std::uint8_t;
using BytesTag = hn::ScalableTag<std::uint8_t>;
using WordsTag = hn::Repartition<std::uint16_t, BytesTag>;
using SignedWordsTag = hn::Repartition<std::int16_t, BytesTag>;
using HalfBytesTag = hn::Half<BytesTag>;
using Bytes = hn::Vec<BytesTag>;
using Words = hn::Vec<WordsTag>;

constexpr BytesTag kBytes;
constexpr WordsTag kWords;
constexpr int kLanes = static_cast<int>(hn::MaxLanes(BytesTag()));
constexpr int kCacheLine = 64;

enum class Chroma { planes, first_third, third_first };  // I420, or the order of NV12's pairs

// Fetches the same columns of the row that is converted next. A hardware prefetcher stops at each
// page, and a row crosses one; without this the kernel takes twice as long.
template <int kSize>
HWY_INLINE void prefetch(const Byte* address) {
  for (int offset = 0; offset < kSize; offset += kCacheLine) hwy::Prefetch(address + offset);
}

HWY_INLINE Words even_q8(Bytes values) { return hn::ShiftLeft<8>(hn::BitCast(kWords, values)); }
HWY_INLINE Words odd_q8(Bytes values) { return hn::And(hn::BitCast(kWords, values), hn::Set(kWords, 0xFF00)); }
// The high bytes of both, alternating.
HWY_INLINE Bytes merge(Words even, Words odd) {
  return hn::OddEven(hn::BitCast(kBytes, odd), hn::BitCast(kBytes, hn::ShiftRight<8>(even)));
}
HWY_INLINE void store_high_bytes(Words values, Byte* destination) {
  const auto low = hn::BitCast(SignedWordsTag(), hn::ShiftRight<8>(values));
  hn::StoreU(hn::DemoteTo(HalfBytesTag(), low), HalfBytesTag(), destination);
}

// One weight per lane. "First" and "third" are bytes of a pixel: blue and red, or red and blue.
struct ColourConstants {
  Words y_first, y_green, y_third, y_offset;
  Words c_own, c_offset;
  Words first_minus_third, first_minus_green;
  Words third_minus_first, third_minus_green;

  HWY_INLINE ColourConstants(const ColourWeights& w, bool is_blue_first)
      : y_first(hn::Set(kWords, is_blue_first ? w.y_blue : w.y_red)),
        y_green(hn::Set(kWords, w.y_green)),
        y_third(hn::Set(kWords, is_blue_first ? w.y_red : w.y_blue)),
        y_offset(hn::Set(kWords, w.y_offset)),
        c_own(hn::Set(kWords, w.c_own)),
        c_offset(hn::Set(kWords, w.c_offset)),
        first_minus_third(hn::Set(kWords, is_blue_first ? w.cb_minus_red : w.cr_minus_blue)),
        first_minus_green(hn::Set(kWords, is_blue_first ? w.cb_minus_green : w.cr_minus_green)),
        third_minus_first(hn::Set(kWords, is_blue_first ? w.cr_minus_blue : w.cb_minus_red)),
        third_minus_green(hn::Set(kWords, is_blue_first ? w.cr_minus_green : w.cb_minus_green)) {}
};

template <int kChannels>
HWY_INLINE void load_colours(const Byte* source, Bytes& first, Bytes& green, Bytes& third) {
  if constexpr (kChannels == 3) {
    hn::LoadInterleaved3(kBytes, source, first, green, third);
  } else {
    Bytes alpha = hn::Zero(kBytes);
    hn::LoadInterleaved4(kBytes, source, first, green, third, alpha);
  }
}

HWY_INLINE Words luma(Words first, Words green, Words third, const ColourConstants& k) {
  return hn::Add(hn::Add(k.y_offset, hn::MulHigh(first, k.y_first)),
                 hn::Add(hn::MulHigh(green, k.y_green), hn::MulHigh(third, k.y_third)));
}

// Exact: the low bytes are empty, so neither average rounds.
HWY_INLINE Words mean(Words a, Words b, Words c, Words d) {
  return hn::AverageRound(hn::AverageRound(a, d), hn::AverageRound(b, c));
}

// N pixels of two rows. The lines are written out per colour: GCC 12 at -O2 keeps an array of
// vectors in memory when a loop indexes it, which costs a factor of 1.8.
template <int kChannels, Chroma kChroma>
HWY_INLINE void convert_block(const Byte* upper, const Byte* lower, Byte* upper_luma, Byte* lower_luma, Byte* chroma1,
                              Byte* chroma2, const ColourConstants& k) {
  Bytes first = hn::Zero(kBytes);
  Bytes green = hn::Zero(kBytes);
  Bytes third = hn::Zero(kBytes);
  load_colours<kChannels>(upper, first, green, third);
  const Words first_a = even_q8(first);
  const Words first_b = odd_q8(first);
  const Words green_a = even_q8(green);
  const Words green_b = odd_q8(green);
  const Words third_a = even_q8(third);
  const Words third_b = odd_q8(third);
  hn::StoreU(merge(luma(first_a, green_a, third_a, k), luma(first_b, green_b, third_b, k)), kBytes, upper_luma);

  load_colours<kChannels>(lower, first, green, third);
  const Words first_c = even_q8(first);
  const Words first_d = odd_q8(first);
  const Words green_c = even_q8(green);
  const Words green_d = odd_q8(green);
  const Words third_c = even_q8(third);
  const Words third_d = odd_q8(third);
  hn::StoreU(merge(luma(first_c, green_c, third_c, k), luma(first_d, green_d, third_d, k)), kBytes, lower_luma);

  const Words first_mean = mean(first_a, first_b, first_c, first_d);
  const Words green_mean = mean(green_a, green_b, green_c, green_d);
  const Words third_mean = mean(third_a, third_b, third_c, third_d);
  // Saturates: full-range blue and red reach 256, which must not wrap to 0.
  const Words first_own = hn::SaturatedAdd(k.c_offset, hn::MulHigh(first_mean, k.c_own));
  const Words third_own = hn::SaturatedAdd(k.c_offset, hn::MulHigh(third_mean, k.c_own));
  const Words first_chroma = hn::Sub(hn::Sub(first_own, hn::MulHigh(green_mean, k.first_minus_green)),
                                     hn::MulHigh(third_mean, k.first_minus_third));
  const Words third_chroma = hn::Sub(hn::Sub(third_own, hn::MulHigh(green_mean, k.third_minus_green)),
                                     hn::MulHigh(first_mean, k.third_minus_first));
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
                  Byte* chroma2, int pixels, const ColourConstants& k) {
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
  const ColourConstants k(weights, is_blue_first);
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
  HWY_INLINE GrayConstants(const ColourWeights& w, bool wide)
      : weight(hn::Set(kWords, wide ? w.y_grey16 : w.y_grey8)), offset(hn::Set(kWords, w.y_offset)) {}
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
void convert_gray(const FrameView& from, const MutableFrameView& to, const ColourWeights& weights, RowBand band) {
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

// Loads kFrom bytes per pixel (1: gray), stores kTo, exchanging blue and red where asked.
template <int kFrom, int kTo, bool kSwap>
HWY_INLINE void repack_block(const Byte* source, Byte* destination) {
  Bytes first = hn::Zero(kBytes);
  Bytes green = first;
  Bytes third = first;
  Bytes alpha = hn::Set(kBytes, 255);
  if constexpr (kFrom == 1) {
    first = hn::LoadU(kBytes, source);
    green = first;
    third = first;
  } else if constexpr (kFrom == 3) {
    hn::LoadInterleaved3(kBytes, source, first, green, third);
  } else {
    hn::LoadInterleaved4(kBytes, source, first, green, third, alpha);
  }
  const Bytes low = kSwap ? third : first;
  const Bytes high = kSwap ? first : third;
  if constexpr (kTo == 3) {
    hn::StoreInterleaved3(low, green, high, kBytes, destination);
  } else {
    hn::StoreInterleaved4(low, green, high, alpha, kBytes, destination);
  }
}

template <int kFrom, int kTo, bool kSwap>
void repack(const FrameView& from, const MutableFrameView& to, RowBand band) {
  for (int y = band.first; y < band.end; ++y) {
    const Byte* source = row_of(from, 0, y);
    const Byte* next = row_of(from, 0, std::min(y + 1, band.end - 1));
    Byte* destination = row_of(to, 0, y);
    int x = 0;
    for (; x + kLanes <= from.width; x += kLanes) {
      prefetch<kLanes * kFrom>(next + x * kFrom);
      repack_block<kFrom, kTo, kSwap>(source + x * kFrom, destination + x * kTo);
    }
    repack_pixels(from.format, to.format, source + x * kFrom, destination + x * kTo, from.width - x);
  }
}

template <int kFrom>
void repack_to(const FrameView& from, const MutableFrameView& to, RowBand band) {
  const bool swap = blue_first(from.format) != blue_first(to.format);
  if (pixel_bytes(to.format) == 3) {
    return swap ? repack<kFrom, 3, true>(from, to, band) : repack<kFrom, 3, false>(from, to, band);
  }
  return swap ? repack<kFrom, 4, true>(from, to, band) : repack<kFrom, 4, false>(from, to, band);
}

void convert_band(const FrameView& from, const MutableFrameView& to, const ColourWeights& weights, RowBand band) {
  // Whole planes are memcpy and a byte shuffle: nothing to win with vectors of our own.
  if (from.format == to.format || is_planar(from.format)) {
    return convert_band_plain(from, to, weights, band);
  }
  const bool to_yuv = is_planar(to.format);
  switch (pixel_bytes(from.format)) {
    case 1:
      return to_yuv ? convert_gray<1>(from, to, weights, band) : repack_to<1>(from, to, band);
    case 2:
      return convert_gray<2>(from, to, weights, band);
    case 3:
      return to_yuv ? convert_colour_to<3>(from, to, weights, band) : repack_to<3>(from, to, band);
    default:
      return to_yuv ? convert_colour_to<4>(from, to, weights, band) : repack_to<4>(from, to, band);
  }
}

#endif  // HWY_TARGET == HWY_SCALAR

}  // namespace HWY_NAMESPACE
}  // namespace skyline
HWY_AFTER_NAMESPACE();

#if HWY_ONCE

namespace skyline {

namespace {

HWY_EXPORT(convert_band);

std::vector<SimdKernel> find_kernels() {
  std::vector<SimdKernel> kernels;
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

const std::vector<SimdKernel>& simd_kernels() {
  static const std::vector<SimdKernel> kernels = find_kernels();
  return kernels;
}

}  // namespace skyline

#endif  // HWY_ONCE

#else

namespace skyline {

const std::vector<SimdKernel>& simd_kernels() {
  static const std::vector<SimdKernel> none;
  return none;
}

}  // namespace skyline

#endif  // SKYLINE_HAVE_HIGHWAY
