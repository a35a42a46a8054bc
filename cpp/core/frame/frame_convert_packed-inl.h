// Packed formats into one another, and the two orders of chroma, in vectors.
//
// Included once per SIMD target, see frame_convert_simd.cpp; hence the guard that toggles.
#if defined(SKYLINE_FRAME_PACKED_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef SKYLINE_FRAME_PACKED_INL_H
#undef SKYLINE_FRAME_PACKED_INL_H
#else
#define SKYLINE_FRAME_PACKED_INL_H
#endif

#include <algorithm>
#include <cstring>

#include "frame/frame_convert_interleave-inl.h"

HWY_BEFORE_NAMESPACE();
namespace skyline {
namespace HWY_NAMESPACE {

// Loads kFrom bytes per pixel (1: gray), stores kTo, exchanging blue and red where asked.
template <int kFrom, int kTo, bool kSwap, bool kKeepsAlpha>
HWY_INLINE void repack_block(const Byte* source, Byte* destination) {
  const Bytes opaque = hn::Set(kBytes, 255);
  Bytes first = opaque;
  Bytes green = opaque;
  Bytes third = opaque;
  Bytes alpha = opaque;
  if constexpr (kFrom == 1) {
    first = green = third = hn::LoadU(kBytes, source);
  } else if constexpr (kFrom == 3) {
    load_three(source, first, green, third);
  } else {
    hn::LoadInterleaved4(kBytes, source, first, green, third, alpha);
  }
  store_colours<kTo, Order::pixels>(kSwap ? third : first, green, kSwap ? first : third, kKeepsAlpha ? alpha : opaque,
                                    destination);
}

template <int kFrom, int kTo, bool kSwap, bool kKeepsAlpha = false>
void repack_rows(const FrameView& from, const MutableFrameView& to, const ColourWeights& weights, RowBand band) {
  for (int y = band.first; y < band.end; ++y) {
    const Byte* source = row_of(from, 0, y);
    const int next = std::min(y + 1, band.end - 1);
    const Byte* next_source = row_of(from, 0, next);
    Byte* destination = row_of(to, 0, y);
    const Byte* next_destination = row_of(to, 0, next);
    int x = 0;
    for (; x + kLanes <= from.width; x += kLanes) {
      prefetch<kLanes * kFrom>(next_source + x * kFrom);
      prefetch<kLanes * kTo>(next_destination + x * kTo);
      repack_block<kFrom, kTo, kSwap, kKeepsAlpha>(source + x * kFrom, destination + x * kTo);
    }
    repack_pixels(from.format, to.format, source + x * kFrom, destination + x * kTo, from.width - x, weights);
  }
}

template <int kFrom>
void repack_colour(const FrameView& from, const MutableFrameView& to, const ColourWeights& weights, RowBand band) {
  const bool swap = blue_first(from.format) != blue_first(to.format);
  if (pixel_bytes(to.format) == 3) {
    return swap ? repack_rows<kFrom, 3, true>(from, to, weights, band)
                : repack_rows<kFrom, 3, false>(from, to, weights, band);
  }
  if (kFrom == 4 && has_alpha(from.format) && has_alpha(to.format)) {
    return repack_rows<kFrom, 4, true, true>(from, to, weights, band);  // of the same order there is one only
  }
  return swap ? repack_rows<kFrom, 4, true>(from, to, weights, band)
              : repack_rows<kFrom, 4, false>(from, to, weights, band);
}

template <int kChannels>
void colour_to_gray(const FrameView& from, const MutableFrameView& to, const ColourWeights& weights, RowBand band) {
  const LumaConstants k(weights.gray, blue_first(from.format));
  for (int y = band.first; y < band.end; ++y) {
    const Byte* source = row_of(from, 0, y);
    const Byte* next = row_of(from, 0, std::min(y + 1, band.end - 1));
    Byte* destination = row_of(to, 0, y);
    int x = 0;
    for (; x + kLanes <= from.width; x += kLanes) {
      prefetch<kLanes * kChannels>(next + x * kChannels);
      hn::StoreU(luma(load_colours<kChannels>(source + x * kChannels), k), kBytes, destination + x);
    }
    repack_pixels(from.format, to.format, source + x * kChannels, destination + x, from.width - x, weights);
  }
}

inline void repack(const FrameView& from, const MutableFrameView& to, const ColourWeights& weights, RowBand band) {
  const int bytes = pixel_bytes(from.format);
  if (from.format == Format::GRAY16_LE || to.format == Format::GRAY16_LE) {
    repack_plain(from, to, weights, band);
  } else if (to.format == Format::GRAY8) {
    bytes == 3 ? colour_to_gray<3>(from, to, weights, band) : colour_to_gray<4>(from, to, weights, band);
  } else if (bytes == 1) {
    pixel_bytes(to.format) == 3 ? repack_rows<1, 3, false>(from, to, weights, band)
                                : repack_rows<1, 4, false>(from, to, weights, band);
  } else {
    bytes == 3 ? repack_colour<3>(from, to, weights, band) : repack_colour<4>(from, to, weights, band);
  }
}

inline void exchange_chroma(const FrameView& from, const MutableFrameView& to, RowBand band) {
  copy_plane(from, to, 0, band);
  const RowBand rows = chroma_rows(band);
  const int count = (from.width + 1) / 2;
  for (int y = rows.first; y < rows.end; ++y) {
    int x = 0;
    if (from.format == Format::I420) {
      const Byte* cb = row_of(from, 1, y);
      const Byte* cr = row_of(from, 2, y);
      Byte* pairs = row_of(to, 1, y);
      for (; x + kLanes <= count; x += kLanes) {
        hn::StoreInterleaved2(hn::LoadU(kBytes, cb + x), hn::LoadU(kBytes, cr + x), kBytes, pairs + 2 * x);
      }
      pair_samples(cb + x, cr + x, pairs + 2 * x, count - x);
    } else {
      const Byte* pairs = row_of(from, 1, y);
      Byte* cb = row_of(to, 1, y);
      Byte* cr = row_of(to, 2, y);
      for (; x + kLanes <= count; x += kLanes) {
        Bytes blue = hn::Zero(kBytes);
        Bytes red = blue;
        hn::LoadInterleaved2(kBytes, pairs + 2 * x, blue, red);
        hn::StoreU(blue, kBytes, cb + x);
        hn::StoreU(red, kBytes, cr + x);
      }
      part_samples(pairs + 2 * x, cb + x, cr + x, count - x);
    }
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace skyline
HWY_AFTER_NAMESPACE();

#endif
