#include "frame/frame_convert.h"

#include <gst/video/video.h>

#include <cstdlib>
#include <cstring>

#include "frame/band_kernel.h"
#include "gst/owned.h"
#include "report/errors.h"

namespace skyline {
namespace {

std::string described(Format format, int width, int height) {
  return std::string(format_name(format)) + " " + std::to_string(width) + "x" + std::to_string(height);
}

bool fits(int from, int to) { return to == from || (to == from + 1 && to % 2 == 0); }

void check_memory(const std::uint8_t* const* planes, const std::ptrdiff_t* strides, Format format, int width,
                  int height, bool is_destination) {
  for (int plane = 0; plane < plane_count(format); ++plane) {
    const std::string where = described(format, width, height) + ", plane " + std::to_string(plane);
    if (planes[plane] == nullptr) throw FrameError(where + " has no memory");
    const auto stride = static_cast<std::size_t>(std::abs(strides[plane]));
    const std::size_t row = plane_row_bytes(format, plane, width);
    if (is_destination && plane_rows(format, plane, height) > 1 && stride < row) {
      throw FrameError(where + ": stride is " + std::to_string(strides[plane]) + " bytes, one row needs " +
                       std::to_string(row));
    }
  }
}

void check(const FrameView& from, const MutableFrameView& to) {
  const std::string source = described(from.format, from.width, from.height);
  if (from.width < 1 || from.height < 1) throw FrameError("frame is " + source + ", which is empty");
  if (!fits(from.width, to.width) || !fits(from.height, to.height)) {
    throw FrameError("cannot convert " + source + " to " + described(to.format, to.width, to.height) +
                     "; the size must be the same, or rounded up to even");
  }
  check_memory(from.plane.data(), from.stride.data(), from.format, from.width, from.height, false);
  check_memory(to.as_const().plane.data(), to.stride.data(), to.format, to.width, to.height, true);
}

// Repeats the last column and row of the frame into what `to` has beyond it. Chroma planes were
// rounded up already, so only the first plane ever has a margin.
void pad_edges(const FrameView& from, const MutableFrameView& to) {
  if (to.width > from.width) {
    const auto pixel = static_cast<std::size_t>(pixel_bytes(to.format));
    const std::ptrdiff_t end = static_cast<std::ptrdiff_t>(pixel) * from.width;
    for (int y = 0; y < from.height; ++y) {
      std::uint8_t* margin = row_of(to, 0, y) + end;
      std::memcpy(margin, margin - pixel, pixel);
    }
  }
  if (to.height > from.height) {
    std::memcpy(row_of(to, 0, from.height), row_of(to, 0, from.height - 1), plane_row_bytes(to.format, 0, to.width));
  }
}

void convert_with(BandKernel kernel, const FrameView& from, const MutableFrameView& to, Colorimetry colorimetry) {
  check(from, to);
  MutableFrameView unpadded = to;
  unpadded.width = from.width;
  unpadded.height = from.height;
  kernel(from, unpadded, colour_weights(colorimetry), {0, from.height});
  pad_edges(from, to);
}

}  // namespace

std::string colorimetry_caps(Colorimetry colorimetry) {
  const bool hd = colorimetry.matrix == Matrix::bt709;
  GstVideoColorimetry value{};
  gst_video_colorimetry_from_string(&value, hd ? GST_VIDEO_COLORIMETRY_BT709 : GST_VIDEO_COLORIMETRY_BT601);
  if (colorimetry.range == Range::full) value.range = GST_VIDEO_COLOR_RANGE_0_255;
  return take_string(gst_video_colorimetry_to_string(&value));
}

Colorimetry default_colorimetry(int height, Range range) {
  return {height > 576 ? Matrix::bt709 : Matrix::bt601, range};
}

bool can_convert(Format, Format) { return true; }

void convert_frame(const FrameView& from, const MutableFrameView& to, Colorimetry colorimetry) {
  convert_with(kernel_in_use().convert_band, from, to, colorimetry);
}

void convert_frame_plain(const FrameView& from, const MutableFrameView& to, Colorimetry colorimetry) {
  convert_with(&convert_band_plain, from, to, colorimetry);
}

}  // namespace skyline
