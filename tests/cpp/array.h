// Arrays as numpy would describe them, over memory of the test's own.
#pragma once

#include <cstdint>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "frame/frame_layout.h"

// Contiguous memory with rising bytes, and any view of it.
struct Array {
  explicit Array(std::vector<std::ptrdiff_t> shape_, std::ptrdiff_t item_bytes = 1, std::string dtype_ = "uint8")
      : dtype(std::move(dtype_)), item(item_bytes), shape(std::move(shape_)) {
    strides.resize(shape.size());
    std::ptrdiff_t bytes = item;
    for (std::size_t axis = shape.size(); axis-- > 0;) {
      strides[axis] = bytes;
      bytes *= shape[axis];
    }
    memory.resize(static_cast<std::size_t>(bytes));
    std::iota(memory.begin(), memory.end(), std::uint8_t{0});
  }

  skyline::StridedArray strided(std::ptrdiff_t offset = 0) const {
    return {memory.data() + offset, shape, strides, dtype};
  }
  // The bytes numpy would show in C order.
  std::vector<std::uint8_t> in_order(std::ptrdiff_t offset = 0) const {
    std::vector<std::uint8_t> out;
    collect(out, 0, memory.data() + offset);
    return out;
  }

  std::string dtype;
  std::ptrdiff_t item;
  std::vector<std::ptrdiff_t> shape;
  std::vector<std::ptrdiff_t> strides;
  std::vector<std::uint8_t> memory;

 private:
  void collect(std::vector<std::uint8_t>& out, std::size_t axis, const std::uint8_t* at) const {
    if (axis == shape.size()) {
      out.insert(out.end(), at, at + item);
      return;
    }
    for (std::ptrdiff_t i = 0; i < shape[axis]; ++i) collect(out, axis + 1, at + i * strides[axis]);
  }
};

// An array that was only described: what it says about its memory must not be believed far enough to read it.
inline skyline::StridedArray described(std::vector<std::ptrdiff_t> shape, std::string dtype = "uint8") {
  static const std::uint8_t one_byte = 0;
  const std::vector<std::ptrdiff_t> strides(shape.size(), 0);
  return {&one_byte, std::move(shape), strides, std::move(dtype)};
}
