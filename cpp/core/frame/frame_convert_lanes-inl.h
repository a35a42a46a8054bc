// Lanes, and how pixels come into them and leave them.
//
// Every colour value stands in the high byte of a 16-bit lane (Q8), even and odd pixels in vectors
// of their own, so that a product is one instruction and the results merge without leaving their
// lanes. Lines are written out per colour: GCC 12 at -O2 keeps an array of vectors in memory when
// a loop indexes it, which costs a factor of 1.8.
//
// Included once per SIMD target, see frame_convert_simd.cpp; hence the guard that toggles.
#if defined(SKYLINE_FRAME_LANES_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef SKYLINE_FRAME_LANES_INL_H
#undef SKYLINE_FRAME_LANES_INL_H
#else
#define SKYLINE_FRAME_LANES_INL_H
#endif

#include <hwy/cache_control.h>
#include <hwy/highway.h>

#include "frame/band_kernel.h"

HWY_BEFORE_NAMESPACE();
namespace skyline {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

using Byte = std::uint8_t;
using BytesTag = hn::ScalableTag<std::uint8_t>;
using WordsTag = hn::Repartition<std::uint16_t, BytesTag>;
using SignedWordsTag = hn::Repartition<std::int16_t, BytesTag>;
using HalfBytesTag = hn::Half<BytesTag>;
using Bytes = hn::Vec<BytesTag>;
using Words = hn::Vec<WordsTag>;
using SignedWords = hn::Vec<SignedWordsTag>;

constexpr BytesTag kBytes;
constexpr WordsTag kWords;
constexpr SignedWordsTag kSignedWords;
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
  const auto low = hn::BitCast(kSignedWords, hn::ShiftRight<8>(values));
  hn::StoreU(hn::DemoteTo(HalfBytesTag(), low), HalfBytesTag(), destination);
}

template <int kChannels>
HWY_INLINE void load_colours(const Byte* source, Bytes& first, Bytes& green, Bytes& third) {
  if constexpr (kChannels == 3) {
    hn::LoadInterleaved3(kBytes, source, first, green, third);
  } else {
    Bytes alpha = first;
    hn::LoadInterleaved4(kBytes, source, first, green, third, alpha);
  }
}

template <int kChannels>
HWY_INLINE void store_colours(Bytes first, Bytes green, Bytes third, Bytes alpha, Byte* destination) {
  if constexpr (kChannels == 3) {
    hn::StoreInterleaved3(first, green, third, kBytes, destination);
  } else {
    hn::StoreInterleaved4(first, green, third, alpha, kBytes, destination);
  }
}

// "First" and "third" are bytes of a pixel: blue and red, or red and blue.
struct LumaConstants {
  Words first, green, third, offset;

  HWY_INLINE LumaConstants(const LumaWeights& w, bool is_blue_first)
      : first(hn::Set(kWords, is_blue_first ? w.blue : w.red)),
        green(hn::Set(kWords, w.green)),
        third(hn::Set(kWords, is_blue_first ? w.red : w.blue)),
        offset(hn::Set(kWords, w.offset)) {}
};

HWY_INLINE Words luma(Words first, Words green, Words third, const LumaConstants& k) {
  return hn::Add(hn::Add(k.offset, hn::MulHigh(first, k.first)),
                 hn::Add(hn::MulHigh(green, k.green), hn::MulHigh(third, k.third)));
}

}  // namespace HWY_NAMESPACE
}  // namespace skyline
HWY_AFTER_NAMESPACE();

#endif
