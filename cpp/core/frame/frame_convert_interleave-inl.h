// Pixels in memory into vectors of one colour each, and back.
//
// Where Highway's own ways are the fastest they serve. On x86 three bytes a pixel are worth more:
// 16 modulo 3 is 1, so that in three neighbouring blocks of 16 bytes one colour stands at disjoint
// places. Two blends collect it and one byte shuffle sorts it, or back; a third of the shuffles.
//
// Included once per SIMD target, see frame_convert_simd.cpp; hence the guard that toggles.
#if defined(SKYLINE_FRAME_INTERLEAVE_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef SKYLINE_FRAME_INTERLEAVE_INL_H
#undef SKYLINE_FRAME_INTERLEAVE_INL_H
#else
#define SKYLINE_FRAME_INTERLEAVE_INL_H
#endif

#include "frame/frame_convert_lanes-inl.h"

HWY_BEFORE_NAMESPACE();
namespace skyline {
namespace HWY_NAMESPACE {

// Of one colour: even and odd pixels, Q8.
struct Halves {
  Words even, odd;
};
// "First" and "third" are bytes of a pixel: blue and red, or red and blue.
struct Colours {
  Halves first, green, third;
};

// How pixels stand in each block of 16 bytes of a vector.
enum class Order { pixels, evens_first };

#if HWY_ARCH_X86 && HWY_TARGET != HWY_EMU128

// The third of the blocks' bytes, from `phase`, that one colour has.
HWY_INLINE hn::Mask<BytesTag> every_third(int phase) {
  alignas(16) static constexpr Byte kMasks[3][16] = {{255, 0, 0, 255, 0, 0, 255, 0, 0, 255, 0, 0, 255, 0, 0, 255},
                                                     {0, 255, 0, 0, 255, 0, 0, 255, 0, 0, 255, 0, 0, 255, 0, 0},
                                                     {0, 0, 255, 0, 0, 255, 0, 0, 255, 0, 0, 255, 0, 0, 255, 0}};
  return hn::MaskFromVec(hn::LoadDup128(kBytes, kMasks[phase]));
}

// Three neighbouring blocks in each lane: block n of every lane's three goes to the n-th vector.
struct Blocks {
  Bytes first, second, third;
};

HWY_INLINE Blocks load_blocks(const Byte* source) {
  const Bytes a = hn::LoadU(kBytes, source);
  const Bytes b = hn::LoadU(kBytes, source + kLanes);
  const Bytes c = hn::LoadU(kBytes, source + 2 * kLanes);
#if HWY_MAX_BYTES == 16
  return {a, b, c};
#else
#if HWY_MAX_BYTES == 64
  const Bytes d = hn::ConcatUpperLower(kBytes, b, a);
  const Bytes e = hn::ConcatLowerUpper(kBytes, c, a);
  const Bytes f = hn::ConcatUpperLower(kBytes, c, b);
#else
  const Bytes d = a;
  const Bytes e = b;
  const Bytes f = c;
#endif
  return {hn::OddEvenBlocks(e, d), hn::SwapAdjacentBlocks(hn::OddEvenBlocks(d, f)), hn::OddEvenBlocks(f, e)};
#endif
}

HWY_INLINE void store_blocks(Bytes first, Bytes second, Bytes third, Byte* destination) {
#if HWY_MAX_BYTES == 16
  const Bytes a = first;
  const Bytes b = second;
  const Bytes c = third;
#else
  const Bytes swapped = hn::SwapAdjacentBlocks(second);
  const Bytes d = hn::OddEvenBlocks(swapped, first);
  const Bytes e = hn::OddEvenBlocks(first, third);
  const Bytes f = hn::OddEvenBlocks(third, swapped);
#if HWY_MAX_BYTES == 64
  const Bytes a = hn::ConcatLowerLower(kBytes, e, d);
  const Bytes b = hn::ConcatUpperLower(kBytes, d, f);
  const Bytes c = hn::ConcatUpperUpper(kBytes, f, e);
#else
  const Bytes a = d;
  const Bytes b = e;
  const Bytes c = f;
#endif
#endif
  hn::StoreU(a, kBytes, destination);
  hn::StoreU(b, kBytes, destination + kLanes);
  hn::StoreU(c, kBytes, destination + 2 * kLanes);
}

// In a block, pixel n of colour c stands at byte (3 n + c) % 16 of the collected ones.
constexpr Byte slot_of(int colour, int pixel) { return static_cast<Byte>((3 * pixel + colour) % 16); }
constexpr Byte pixel_at(int colour, int slot) {
  return static_cast<Byte>((slot - colour + 16) * 11 % 16);
}  // 3 * 11 % 16 is 1
constexpr Byte kNothing = 0x80;

struct Table {
  alignas(16) Byte index[16];
};
// Sorts a colour's even (0) or odd (1) pixels into the high bytes of words.
constexpr Table sorted_q8(int colour, int parity) {
  Table table{};
  for (int n = 0; n < 16; ++n) table.index[n] = n % 2 == 0 ? kNothing : slot_of(colour, n - 1 + parity);
  return table;
}
constexpr Table sorted(int colour) {
  Table table{};
  for (int n = 0; n < 16; ++n) table.index[n] = slot_of(colour, n);
  return table;
}
constexpr Table spread(int colour, Order order) {
  Table table{};
  for (int slot = 0; slot < 16; ++slot) {
    const Byte pixel = pixel_at(colour, slot);
    table.index[slot] = order == Order::pixels ? pixel : static_cast<Byte>(pixel % 2 * 8 + pixel / 2);
  }
  return table;
}
constexpr Table kPixelOrder = {{0, 8, 1, 9, 2, 10, 3, 11, 4, 12, 5, 13, 6, 14, 7, 15}};

HWY_INLINE Bytes shuffled(Bytes values, const Table& table) {
  return hn::TableLookupBytesOr0(values, hn::LoadDup128(kBytes, table.index));
}

template <int kColour>
HWY_INLINE Bytes collect(const Blocks& blocks) {
  return hn::IfThenElse(every_third(kColour), blocks.first,
                        hn::IfThenElse(every_third((kColour + 2) % 3), blocks.second, blocks.third));
}

template <int kColour>
HWY_INLINE Halves halves_of(const Blocks& blocks) {
  static constexpr Table kEven = sorted_q8(kColour, 0);
  static constexpr Table kOdd = sorted_q8(kColour, 1);
  const Bytes mixed = collect<kColour>(blocks);
  return {hn::BitCast(kWords, shuffled(mixed, kEven)), hn::BitCast(kWords, shuffled(mixed, kOdd))};
}

HWY_INLINE Colours load_three(const Byte* source) {
  const Blocks blocks = load_blocks(source);
  return {halves_of<0>(blocks), halves_of<1>(blocks), halves_of<2>(blocks)};
}

HWY_INLINE void load_three(const Byte* source, Bytes& first, Bytes& green, Bytes& third) {
  static constexpr Table kFirst = sorted(0);
  static constexpr Table kGreen = sorted(1);
  static constexpr Table kThird = sorted(2);
  const Blocks blocks = load_blocks(source);
  first = shuffled(collect<0>(blocks), kFirst);
  green = shuffled(collect<1>(blocks), kGreen);
  third = shuffled(collect<2>(blocks), kThird);
}

template <Order kOrder>
HWY_INLINE void store_three(Bytes first, Bytes green, Bytes third, Byte* destination) {
  static constexpr Table kFirst = spread(0, kOrder);
  static constexpr Table kGreen = spread(1, kOrder);
  static constexpr Table kThird = spread(2, kOrder);
  const Bytes a = shuffled(first, kFirst);
  const Bytes b = shuffled(green, kGreen);
  const Bytes c = shuffled(third, kThird);
  const auto at_0 = every_third(0);
  const auto at_1 = every_third(1);
  store_blocks(hn::IfThenElse(at_0, a, hn::IfThenElse(at_1, b, c)), hn::IfThenElse(at_0, b, hn::IfThenElse(at_1, c, a)),
               hn::IfThenElse(at_0, c, hn::IfThenElse(at_1, a, b)), destination);
}

// What clamp_q6 makes.
constexpr Order kClampedOrder = Order::evens_first;

// Even and odd pixels in Q6, limited to 0…255. This narrowing of two vectors is newer than Highway
// 1.0.3, hence the intrinsics.
HWY_INLINE Bytes clamp_q6(SignedWords even, SignedWords odd) {
  const SignedWords low = hn::ShiftRight<6>(even);
  const SignedWords high = hn::ShiftRight<6>(odd);
#if HWY_MAX_BYTES == 64
  return Bytes{_mm512_packus_epi16(low.raw, high.raw)};
#elif HWY_MAX_BYTES == 32
  return Bytes{_mm256_packus_epi16(low.raw, high.raw)};
#else
  return Bytes{_mm_packus_epi16(low.raw, high.raw)};
#endif
}

template <Order kOrder>
HWY_INLINE Bytes in_order(Bytes values) {
  return kOrder == Order::pixels ? values : shuffled(values, kPixelOrder);
}

#else  // not x86

HWY_INLINE void load_three(const Byte* source, Bytes& first, Bytes& green, Bytes& third) {
  hn::LoadInterleaved3(kBytes, source, first, green, third);
}

HWY_INLINE Colours load_three(const Byte* source) {
  Bytes first = hn::Zero(kBytes);
  Bytes green = first;
  Bytes third = first;
  load_three(source, first, green, third);
  return {{even_q8(first), odd_q8(first)}, {even_q8(green), odd_q8(green)}, {even_q8(third), odd_q8(third)}};
}

template <Order kOrder>
HWY_INLINE void store_three(Bytes first, Bytes green, Bytes third, Byte* destination) {
  static_assert(kOrder == Order::pixels, "nothing else is made here");
  hn::StoreInterleaved3(first, green, third, kBytes, destination);
}

constexpr Order kClampedOrder = Order::pixels;

HWY_INLINE Words limited_q8(SignedWords q6) {
  const SignedWords limited = hn::Min(hn::Max(q6, hn::Zero(kSignedWords)), hn::Set(kSignedWords, 255 * 64 + 63));
  return hn::ShiftLeft<2>(hn::BitCast(kWords, limited));
}

// Even and odd pixels in Q6, limited to 0…255.
HWY_INLINE Bytes clamp_q6(SignedWords even, SignedWords odd) { return merge(limited_q8(even), limited_q8(odd)); }

template <Order kOrder>
HWY_INLINE Bytes in_order(Bytes values) {
  return values;
}

#endif

template <int kChannels>
HWY_INLINE Colours load_colours(const Byte* source) {
  if constexpr (kChannels == 3) {
    return load_three(source);
  } else {
    Bytes first = hn::Zero(kBytes);
    Bytes green = first;
    Bytes third = first;
    Bytes alpha = first;
    hn::LoadInterleaved4(kBytes, source, first, green, third, alpha);
    return {{even_q8(first), odd_q8(first)}, {even_q8(green), odd_q8(green)}, {even_q8(third), odd_q8(third)}};
  }
}

// Alpha stands in order as it is: it is 255, or has never been elsewhere.
template <int kChannels, Order kOrder>
HWY_INLINE void store_colours(Bytes first, Bytes green, Bytes third, Bytes alpha, Byte* destination) {
  if constexpr (kChannels == 3) {
    store_three<kOrder>(first, green, third, destination);
  } else {
    hn::StoreInterleaved4(in_order<kOrder>(first), in_order<kOrder>(green), in_order<kOrder>(third), alpha, kBytes,
                          destination);
  }
}

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
HWY_INLINE Bytes luma(const Colours& colours, const LumaConstants& k) {
  return merge(luma(colours.first.even, colours.green.even, colours.third.even, k),
               luma(colours.first.odd, colours.green.odd, colours.third.odd, k));
}

}  // namespace HWY_NAMESPACE
}  // namespace skyline
HWY_AFTER_NAMESPACE();

#endif
