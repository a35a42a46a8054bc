// What an array is: its shape, type and strides checked against a format, before anything is read.
//
// A frame that is not exactly what the caps say never reaches GStreamer, where a wrong size is
// FLOW_OK and uninitialised heap goes out as video. No GStreamer and no Python in here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "frame/frame_view.h"

namespace skyline {

// An array as its owner describes it.
struct StridedArray {
  const std::uint8_t* data = nullptr;
  std::vector<std::ptrdiff_t> shape;
  std::vector<std::ptrdiff_t> strides;  // bytes; any sign
  std::string dtype;                    // numpy's name: "uint8", "uint16", "float64", ">u2"
};

struct FrameSize {
  int width = 0;   // 0: take it from the array
  int height = 0;
};

class FrameLayout {
 public:
  // Throws FrameError: what came, what is accepted, what to do.
  FrameLayout(const StridedArray& array, Format format, FrameSize expected);

  int width() const { return view_.width; }
  int height() const { return view_.height; }
  // Pixels lie side by side in each row, so that view() serves without a copy.
  bool is_packed() const { return is_packed_; }
  // Rows also follow one another upwards in memory: what GStreamer can be lent.
  bool is_lendable() const;
  const FrameView& view() const { return view_; }  // precondition: is_packed
  std::size_t extent_bytes() const;                // from the first byte to the last; precondition: is_lendable
  // Writes the frame tightly packed: frame_bytes() of `out`.
  void gather(std::uint8_t* out) const;

 private:
  void plan_packed(const StridedArray& array);
  void plan_planar(const StridedArray& array, FrameSize expected);

  FrameView view_;
  bool is_packed_ = false;
  const std::uint8_t* data_;
  std::ptrdiff_t row_stride_ = 0;
  std::ptrdiff_t pixel_stride_ = 0;
  std::ptrdiff_t channel_stride_ = 0;
  int array_rows_ = 0;      // rows and bytes per row as the array counts them (planar: all planes)
  int array_row_items_ = 0;
};

// A view over memory that holds the frame tightly packed.
MutableFrameView tight_view(Format format, int width, int height, std::uint8_t* memory);
// "(height, width, 3) uint8": what a format accepts, for messages.
std::string accepted_shape(Format format);

}  // namespace skyline
