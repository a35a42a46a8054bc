// A frame's pixels as plain pointers: what every stage below the bindings works on.
//
// A view never owns. Strides are bytes from one row to the next and may be negative (bottom-up
// arrays) or zero (broadcast rows) for a source. Pixels inside a row are packed.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "frame/format.h"

namespace skyline {

struct FrameView {
  Format format = Format::BGR;
  int width = 0;
  int height = 0;
  std::array<const std::uint8_t*, 3> plane{};
  std::array<std::ptrdiff_t, 3> stride{};
};

struct MutableFrameView {
  Format format = Format::BGR;
  int width = 0;
  int height = 0;
  std::array<std::uint8_t*, 3> plane{};
  std::array<std::ptrdiff_t, 3> stride{};

  FrameView as_const() const {
    return {format, width, height, {plane[0], plane[1], plane[2]}, stride};
  }
};

}  // namespace skyline
