// A frame with memory of its own for tests: any strides, guard bytes around every row.
#pragma once

#include <cstdint>
#include <cstring>
#include <random>
#include <vector>

#include "frame/frame_view.h"

namespace skyline {

enum class Strides { tight, padded, bottom_up };
enum class Content { random, extreme, near_extreme };

inline std::vector<Format> all_formats() {
  std::vector<Format> formats;
  for (int index = 0; index < kFormatCount; ++index) formats.push_back(static_cast<Format>(index));
  return formats;
}

constexpr std::uint8_t kGuard = 0xA5;

class Picture {
 public:
  Picture(Format format, int width, int height, Strides strides = Strides::tight) {
    view_.format = format;
    view_.width = width;
    view_.height = height;
    constexpr std::size_t kMargin = 67;  // odd, so that no row is aligned
    const std::size_t padding = strides == Strides::tight ? 0 : 13;
    std::size_t size = kMargin;
    std::array<std::size_t, 3> start{};
    for (int plane = 0; plane < plane_count(format); ++plane) {
      const auto at = static_cast<std::size_t>(plane);
      const std::size_t stride = plane_row_bytes(format, plane, width) + padding;
      const auto last = static_cast<std::size_t>(plane_rows(format, plane, height) - 1);
      const bool flipped = strides == Strides::bottom_up;
      start[at] = size + (flipped ? last * stride : 0);
      view_.stride[at] = static_cast<std::ptrdiff_t>(stride) * (flipped ? -1 : 1);
      size += (last + 1) * stride + kMargin;
    }
    memory_.assign(size, kGuard);
    for (std::size_t plane = 0; plane < static_cast<std::size_t>(plane_count(format)); ++plane) {
      view_.plane[plane] = memory_.data() + start[plane];
    }
  }
  Picture(const Picture&) = delete;
  Picture& operator=(const Picture&) = delete;

  const MutableFrameView& view() const { return view_; }
  FrameView source() const { return view_.as_const(); }
  const std::vector<std::uint8_t>& memory() const { return memory_; }

  std::uint8_t* row(int plane, int y) const {
    const auto at = static_cast<std::size_t>(plane);
    return view_.plane[at] + y * view_.stride[at];
  }

  template <typename Visit>
  void each_row(Visit visit) const {
    for (int plane = 0; plane < plane_count(view_.format); ++plane) {
      for (int y = 0; y < plane_rows(view_.format, plane, view_.height); ++y) {
        visit(row(plane, y), plane_row_bytes(view_.format, plane, view_.width));
      }
    }
  }

  void fill(Content content, unsigned seed) const {
    std::minstd_rand random(seed + 1);
    each_row([&](std::uint8_t* bytes, std::size_t count) {
      for (std::size_t at = 0; at < count; ++at) {
        const auto noise = static_cast<unsigned>(random() >> 7);
        const unsigned end = noise & 1 ? 255u : 0u;
        const unsigned step = noise >> 1 & 3;
        const unsigned near = end != 0 ? end - step : step;
        const unsigned value = content == Content::random ? noise & 255u : content == Content::extreme ? end : near;
        bytes[at] = static_cast<std::uint8_t>(value);
      }
    });
  }

  // True while nothing but the rows themselves was ever written.
  bool guards_intact() const {
    std::vector<std::uint8_t> copy = memory_;
    each_row([&](const std::uint8_t* bytes, std::size_t count) {
      std::memset(copy.data() + (bytes - memory_.data()), kGuard, count);
    });
    return copy == std::vector<std::uint8_t>(copy.size(), kGuard);
  }

 private:
  MutableFrameView view_;
  std::vector<std::uint8_t> memory_;
};

}  // namespace skyline
