// Lanes of the vector kernels as plain integers, so that both compute the same.
#pragma once

#include <algorithm>
#include <cstdint>

#include "frame/colour_weights.h"

namespace skyline::plain {

using Byte = std::uint8_t;

// The high half of a 16 x 16 bit product, as a vector lane computes it.
constexpr std::uint32_t mul_high(std::uint32_t value, std::uint32_t weight) { return value * weight >> 16; }
// A signed product less 15 bits, rounded, likewise.
constexpr int mul_fixed_point_15(int value, int weight) { return (value * weight + 0x4000) >> 15; }

constexpr Byte byte_from_q8(std::uint32_t q8) { return static_cast<Byte>(q8 >> 8); }
constexpr Byte byte_from_q6(int q6) { return static_cast<Byte>(std::clamp(q6 >> 6, 0, 255)); }

struct Colour {  // Q8
  std::uint32_t red, green, blue;
};

constexpr Colour colour_at(const Byte* pixel, bool is_blue_first) {
  const Colour colour{pixel[2] * 256u, pixel[1] * 256u, pixel[0] * 256u};
  return is_blue_first ? colour : Colour{colour.blue, colour.green, colour.red};
}

constexpr Byte luma(const Colour& colour, const LumaWeights& w) {
  return byte_from_q8(w.offset + mul_high(colour.red, w.red) + mul_high(colour.green, w.green) +
                      mul_high(colour.blue, w.blue));
}

constexpr std::uint32_t word_at(const Byte* bytes) { return bytes[0] + bytes[1] * 256u; }
constexpr void put_word(Byte* bytes, std::uint32_t word) {
  bytes[0] = static_cast<Byte>(word);
  bytes[1] = static_cast<Byte>(word >> 8);
}

}  // namespace skyline::plain
