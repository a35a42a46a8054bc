// Packed formats into one another, in plain C++: channels in another order, gray, wider gray.
#include "frame/band_kernel.h"
#include "frame/frame_convert_plain.h"

namespace skyline {
namespace {

using namespace plain;

// 16 bits to the nearest of 8: v / 257, rounded, in one product. Exact for every v.
Byte narrow(std::uint32_t wide) { return static_cast<Byte>((wide * 255 + 32895) >> 16); }

void colour_to_colour(Format from, Format to, const Byte* source, Byte* destination, int pixels) {
  const bool swapped = blue_first(from) != blue_first(to);
  const int first = swapped ? 2 : 0;
  const int third = 2 - first;
  const bool keeps_alpha = has_alpha(from) && has_alpha(to);
  const int source_bytes = pixel_bytes(from);
  const int destination_bytes = pixel_bytes(to);
  for (int x = 0; x < pixels; ++x, source += source_bytes, destination += destination_bytes) {
    destination[0] = source[first];
    destination[1] = source[1];
    destination[2] = source[third];
    if (destination_bytes == 4) destination[3] = keeps_alpha ? source[3] : Byte{255};
  }
}

void gray_to_colour(Format from, Format to, const Byte* source, Byte* destination, int pixels) {
  const bool wide = from == Format::GRAY16_LE;
  const int bytes = pixel_bytes(to);
  for (int x = 0; x < pixels; ++x, destination += bytes) {
    const Byte gray = wide ? narrow(word_at(source + 2 * x)) : source[x];
    destination[0] = destination[1] = destination[2] = gray;
    if (bytes == 4) destination[3] = 255;
  }
}

void colour_to_gray(Format from, Format to, const Byte* source, Byte* destination, int pixels,
                    const ColourWeights& weights) {
  const bool is_blue_first = blue_first(from);
  const int bytes = pixel_bytes(from);
  const WideGrayWeights& w = weights.wide_gray;
  constexpr std::uint64_t kHalf = 1u << 19;
  for (int x = 0; x < pixels; ++x, source += bytes) {
    if (to == Format::GRAY8) {
      destination[x] = luma(colour_at(source, is_blue_first), weights.gray);
    } else {
      const std::uint64_t red = source[is_blue_first ? 2 : 0];
      const std::uint64_t blue = source[is_blue_first ? 0 : 2];
      const std::uint64_t q20 = red * w.red + source[1] * std::uint64_t{w.green} + blue * w.blue;
      put_word(destination + 2 * x, static_cast<std::uint32_t>((q20 + kHalf) >> 20));
    }
  }
}

void gray_to_gray(Format to, const Byte* source, Byte* destination, int pixels) {
  for (int x = 0; x < pixels; ++x) {
    if (to == Format::GRAY8) {
      destination[x] = narrow(word_at(source + 2 * x));
    } else {
      put_word(destination + 2 * x, source[x] * 257u);
    }
  }
}

}  // namespace

void repack_pixels(Format from, Format to, const Byte* source, Byte* destination, int pixels,
                   const ColourWeights& weights) {
  if (is_colour(from) && is_colour(to)) {
    colour_to_colour(from, to, source, destination, pixels);
  } else if (is_colour(to)) {
    gray_to_colour(from, to, source, destination, pixels);
  } else if (is_colour(from)) {
    colour_to_gray(from, to, source, destination, pixels, weights);
  } else {
    gray_to_gray(to, source, destination, pixels);
  }
}

void repack_plain(const FrameView& from, const MutableFrameView& to, const ColourWeights& weights, RowBand band) {
  for (int y = band.first; y < band.end; ++y) {
    repack_pixels(from.format, to.format, row_of(from, 0, y), row_of(to, 0, y), from.width, weights);
  }
}

}  // namespace skyline
