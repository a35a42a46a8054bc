// I420 and NV12 to colour and gray, in vectors.
//
// Two rows at a time, N pixels (the bytes of a vector) per step: the colour of a chroma pair is
// computed once for its four pixels. Products are Q6, so that luma and colour add up in 16 bits.
//
// Included once per SIMD target, see frame_convert_simd.cpp; hence the guard that toggles.
#if defined(SKYLINE_FRAME_FROM_YUV_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef SKYLINE_FRAME_FROM_YUV_INL_H
#undef SKYLINE_FRAME_FROM_YUV_INL_H
#else
#define SKYLINE_FRAME_FROM_YUV_INL_H
#endif

#include <algorithm>
#include <cstring>

#include "frame/frame_convert_interleave-inl.h"

HWY_BEFORE_NAMESPACE();
namespace skyline {
namespace HWY_NAMESPACE {

// One weight per lane. "First" and "third" are bytes of a pixel and the chroma that is theirs:
// blue and Cb, red and Cr, or the other way round.
struct FromYuvConstants {
  Words luma;
  SignedWords offset;
  SignedWords first_own, third_own;
  SignedWords green_of_first, green_of_third;

  HWY_INLINE FromYuvConstants(const ColourFromYuv& w, bool is_blue_first)
      : luma(hn::Set(kWords, w.luma)),
        offset(hn::Set(kSignedWords, w.offset)),
        first_own(hn::Set(kSignedWords, is_blue_first ? w.blue_cb : w.red_cr)),
        third_own(hn::Set(kSignedWords, is_blue_first ? w.red_cr : w.blue_cb)),
        green_of_first(hn::Set(kSignedWords, is_blue_first ? w.green_cb : w.green_cr)),
        green_of_third(hn::Set(kSignedWords, is_blue_first ? w.green_cr : w.green_cb)) {}
};

// The distance of N / 2 samples from grey, Q8.
template <Chroma kChroma>
HWY_INLINE void load_chroma(const Byte* chroma1, const Byte* chroma2, SignedWords& first, SignedWords& third) {
  Words samples1 = hn::Zero(kWords);
  Words samples2 = samples1;
  if constexpr (kChroma == Chroma::planes) {
    samples1 = hn::ShiftLeft<8>(hn::PromoteTo(kWords, hn::LoadU(HalfBytesTag(), chroma1)));
    samples2 = hn::ShiftLeft<8>(hn::PromoteTo(kWords, hn::LoadU(HalfBytesTag(), chroma2)));
  } else {
    const Bytes pairs = hn::LoadU(kBytes, chroma1);
    samples1 = kChroma == Chroma::first_third ? even_q8(pairs) : odd_q8(pairs);
    samples2 = kChroma == Chroma::first_third ? odd_q8(pairs) : even_q8(pairs);
  }
  const Words grey = hn::Set(kWords, 0x8000);
  first = hn::BitCast(kSignedWords, hn::Xor(samples1, grey));
  third = hn::BitCast(kSignedWords, hn::Xor(samples2, grey));
}

HWY_INLINE SignedWords luma_q6(Words luma_q8, const FromYuvConstants& k) {
  return hn::BitCast(kSignedWords, hn::MulHigh(luma_q8, k.luma));
}

// Even and odd luma plus the colour part that both share. Saturates: blue passes 32767, and what
// is there is white anyway.
HWY_INLINE Bytes colour_bytes(SignedWords even, SignedWords odd, SignedWords part) {
  return clamp_q6(hn::SaturatedAdd(even, part), hn::SaturatedAdd(odd, part));
}

template <int kChannels>
HWY_INLINE void colour_row(const Byte* luma, SignedWords first_part, SignedWords green_part, SignedWords third_part,
                           Byte* destination, const FromYuvConstants& k) {
  const Bytes values = hn::LoadU(kBytes, luma);
  const SignedWords even = luma_q6(even_q8(values), k);
  const SignedWords odd = luma_q6(odd_q8(values), k);
  store_colours<kChannels, kClampedOrder>(colour_bytes(even, odd, first_part), colour_bytes(even, odd, green_part),
                                          colour_bytes(even, odd, third_part), hn::Set(kBytes, 255), destination);
}

// N pixels of two rows.
template <Chroma kChroma, int kChannels>
HWY_INLINE void colour_block(const Byte* upper_luma, const Byte* lower_luma, const Byte* chroma1, const Byte* chroma2,
                             Byte* upper, Byte* lower, const FromYuvConstants& k) {
  SignedWords first = hn::Zero(kSignedWords);
  SignedWords third = first;
  load_chroma<kChroma>(chroma1, chroma2, first, third);
  const SignedWords first_part = hn::Add(k.offset, hn::MulFixedPoint15(first, k.first_own));
  const SignedWords third_part = hn::Add(k.offset, hn::MulFixedPoint15(third, k.third_own));
  const SignedWords green_part = hn::Sub(hn::Sub(k.offset, hn::MulFixedPoint15(first, k.green_of_first)),
                                         hn::MulFixedPoint15(third, k.green_of_third));
  colour_row<kChannels>(upper_luma, first_part, green_part, third_part, upper, k);
  colour_row<kChannels>(lower_luma, first_part, green_part, third_part, lower, k);
}

// Fewer than N pixels, through blocks on the stack: never touches a byte outside the rows.
template <Chroma kChroma, int kChannels>
void colour_tail(const Byte* upper_luma, const Byte* lower_luma, const Byte* chroma1, const Byte* chroma2, Byte* upper,
                 Byte* lower, int pixels, const FromYuvConstants& k) {
  alignas(64) Byte source[4][kLanes] = {};
  alignas(64) Byte result[2][static_cast<std::size_t>(kLanes) * kChannels];
  const auto count = static_cast<std::size_t>(pixels);
  const std::size_t pairs = (count + 1) / 2;
  std::memcpy(source[0], upper_luma, count);
  std::memcpy(source[1], lower_luma, count);
  std::memcpy(source[2], chroma1, kChroma == Chroma::planes ? pairs : 2 * pairs);
  if (kChroma == Chroma::planes) std::memcpy(source[3], chroma2, pairs);
  colour_block<kChroma, kChannels>(source[0], source[1], source[2], source[3], result[0], result[1], k);
  std::memcpy(upper, result[0], count * kChannels);
  std::memcpy(lower, result[1], count * kChannels);
}

template <Chroma kChroma, int kChannels>
void yuv_to_colour(const FrameView& from, const MutableFrameView& to, const ColourFromYuv& weights, RowBand band) {
  const bool is_blue_first = blue_first(to.format);
  const FromYuvConstants k(weights, is_blue_first);
  const std::size_t first_plane = kChroma == Chroma::planes && !is_blue_first ? 2 : 1;
  const std::size_t third_plane = kChroma == Chroma::planes ? 3 - first_plane : 1;
  constexpr int kHalf = kChroma == Chroma::planes ? 2 : 1;
  const int last = band.end - 1;
  for (int y = band.first; y < band.end; y += 2) {
    const int partner = std::min(y + 1, last);  // an odd last row is its own
    const int next = std::min(y + 2, last);
    const int next_partner = std::min(y + 3, last);
    const Byte* upper_luma = row_of(from, 0, y);
    const Byte* lower_luma = row_of(from, 0, partner);
    const Byte* chroma1 = row_of(from, first_plane, y / 2);
    const Byte* chroma2 = row_of(from, third_plane, y / 2);
    const Byte* next_upper = row_of(from, 0, next);
    const Byte* next_lower = row_of(from, 0, next_partner);
    const Byte* next_chroma1 = row_of(from, first_plane, next / 2);
    const Byte* next_chroma2 = row_of(from, third_plane, next / 2);
    Byte* upper = row_of(to, 0, y);
    Byte* lower = row_of(to, 0, partner);
    const Byte* below_upper = row_of(to, 0, next);
    const Byte* below_lower = row_of(to, 0, next_partner);
    int x = 0;
    for (; x + kLanes <= from.width; x += kLanes) {
      prefetch<kLanes>(next_upper + x);
      prefetch<kLanes>(next_lower + x);
      prefetch<kLanes / kHalf>(next_chroma1 + x / kHalf);
      if (kChroma == Chroma::planes) prefetch<kLanes / kHalf>(next_chroma2 + x / kHalf);
      prefetch<kLanes * kChannels>(below_upper + x * kChannels);
      prefetch<kLanes * kChannels>(below_lower + x * kChannels);
      colour_block<kChroma, kChannels>(upper_luma + x, lower_luma + x, chroma1 + x / kHalf, chroma2 + x / kHalf,
                                       upper + x * kChannels, lower + x * kChannels, k);
    }
    if (x < from.width) {
      colour_tail<kChroma, kChannels>(upper_luma + x, lower_luma + x, chroma1 + x / kHalf, chroma2 + x / kHalf,
                                      upper + x * kChannels, lower + x * kChannels, from.width - x, k);
    }
  }
}

template <int kChannels>
void yuv_to_colour_of(const FrameView& from, const MutableFrameView& to, const ColourFromYuv& weights, RowBand band) {
  if (from.format == Format::I420) {
    yuv_to_colour<Chroma::planes, kChannels>(from, to, weights, band);
  } else if (blue_first(to.format)) {
    yuv_to_colour<Chroma::first_third, kChannels>(from, to, weights, band);
  } else {
    yuv_to_colour<Chroma::third_first, kChannels>(from, to, weights, band);
  }
}

HWY_INLINE void gray_of_luma(const Byte* luma, Byte* gray, const FromYuvConstants& k) {
  const Bytes values = hn::LoadU(kBytes, luma);
  const Bytes clamped = colour_bytes(luma_q6(even_q8(values), k), luma_q6(odd_q8(values), k), k.offset);
  hn::StoreU(in_order<kClampedOrder>(clamped), kBytes, gray);
}

inline void yuv_to_gray(const FrameView& from, const MutableFrameView& to, const ColourFromYuv& weights, RowBand band) {
  const FromYuvConstants k(weights, true);
  for (int y = band.first; y < band.end; ++y) {
    const Byte* luma = row_of(from, 0, y);
    const Byte* next = row_of(from, 0, std::min(y + 1, band.end - 1));
    Byte* gray = row_of(to, 0, y);
    int x = 0;
    for (; x + kLanes <= from.width; x += kLanes) {
      prefetch<kLanes>(next + x);
      gray_of_luma(luma + x, gray + x, k);
    }
    if (x < from.width) {
      const auto rest = static_cast<std::size_t>(from.width - x);
      alignas(64) Byte source[kLanes] = {};
      alignas(64) Byte result[kLanes];
      std::memcpy(source, luma + x, rest);
      gray_of_luma(source, result, k);
      std::memcpy(gray + x, result, rest);
    }
  }
}

inline void convert_from_yuv(const FrameView& from, const MutableFrameView& to, const ColourWeights& weights,
                             RowBand band) {
  if (to.format == Format::GRAY8) {
    yuv_to_gray(from, to, weights.from_yuv, band);
  } else if (to.format == Format::GRAY16_LE) {
    from_yuv_plain(from, to, weights, band);
  } else if (pixel_bytes(to.format) == 3) {
    yuv_to_colour_of<3>(from, to, weights.from_yuv, band);
  } else {
    yuv_to_colour_of<4>(from, to, weights.from_yuv, band);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace skyline
HWY_AFTER_NAMESPACE();

#endif
