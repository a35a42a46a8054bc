#include "frame/sky_convert_range.h"

#include <algorithm>
#include <cmath>

namespace skyline {
namespace {

int colour_components(const GstVideoFormatInfo* format) {
  return std::min<int>(3, GST_VIDEO_FORMAT_INFO_N_COMPONENTS(format));
}

template <typename Change>
void replace(std::uint8_t* pixel, int pixel_bytes, int width, Change change) {
  for (int x = 0; x < width; ++x, pixel += pixel_bytes) change(pixel);
}

}  // namespace

bool RangeShift::knows(const GstVideoFormatInfo* format) {
  constexpr int awkward = GST_VIDEO_FORMAT_FLAG_COMPLEX | GST_VIDEO_FORMAT_FLAG_TILED | GST_VIDEO_FORMAT_FLAG_PALETTE;
  if ((GST_VIDEO_FORMAT_INFO_FLAGS(format) & awkward) != 0) return false;
  for (int component = 0; component < colour_components(format); ++component) {
    if (GST_VIDEO_FORMAT_INFO_PSTRIDE(format, component) <= 0) return false;  // bits of several in a byte
  }
  // Packed 4:2:2 of more than 8 bits (Y210, v216): GStreamer 1.22 says the wrong order of bytes.
  const bool is_packed_422 = GST_VIDEO_FORMAT_INFO_IS_YUV(format) && GST_VIDEO_FORMAT_INFO_N_PLANES(format) == 1 &&
                             GST_VIDEO_FORMAT_INFO_W_SUB(format, 1) != 0;
  return !is_packed_422 || GST_VIDEO_FORMAT_INFO_DEPTH(format, 0) == 8;
}

RangeShift::RangeShift(const GstVideoInfo& out, GstVideoColorRange from) : format_(out.finfo) {
  std::array<gint, GST_VIDEO_MAX_COMPONENTS> offset{}, scale{}, new_offset{}, new_scale{};
  gst_video_color_range_offsets(from, format_, offset.data(), scale.data());
  gst_video_color_range_offsets(out.colorimetry.range, format_, new_offset.data(), new_scale.data());
  for (std::size_t component = 0; component < static_cast<std::size_t>(colour_components(format_)); ++component) {
    const std::size_t codes = std::size_t{1} << GST_VIDEO_FORMAT_INFO_DEPTH(format_, component);
    for (std::size_t code = 0; code < codes; ++code) {
      const double level = (static_cast<double>(code) - offset[component]) / scale[component];
      const double shifted = std::round(level * new_scale[component] + new_offset[component]);
      code_[component].push_back(static_cast<std::uint16_t>(std::clamp(shifted, 0.0, static_cast<double>(codes - 1))));
    }
  }
}

void RangeShift::apply(GstVideoFrame* frame, int width, int height) const {
  for (int component = 0; component < colour_components(format_); ++component) {
    const std::vector<std::uint16_t>& code = code_[static_cast<std::size_t>(component)];
    const int rows = GST_VIDEO_FORMAT_INFO_SCALE_HEIGHT(format_, component, height);
    const int columns = GST_VIDEO_FORMAT_INFO_SCALE_WIDTH(format_, component, width);
    const int step = GST_VIDEO_FORMAT_INFO_PSTRIDE(format_, component);
    const int shift = GST_VIDEO_FORMAT_INFO_SHIFT(format_, component);
    const bool is_byte = GST_VIDEO_FORMAT_INFO_DEPTH(format_, component) + static_cast<guint>(shift) <= 8;
    const bool is_little = GST_VIDEO_FORMAT_INFO_IS_LE(format_);
    auto* row = static_cast<std::uint8_t*>(GST_VIDEO_FRAME_COMP_DATA(frame, component));
    const auto new_code = [&](unsigned word) {
      return static_cast<unsigned>(code[(word >> shift) & (code.size() - 1)]) << shift;
    };
    for (int y = 0; y < rows; ++y, row += GST_VIDEO_FRAME_COMP_STRIDE(frame, component)) {
      if (is_byte) {
        replace(row, step, columns, [&](std::uint8_t* at) { at[0] = static_cast<std::uint8_t>(new_code(at[0])); });
        continue;
      }
      replace(row, step, columns, [&](std::uint8_t* at) {
        std::uint8_t &low = at[is_little ? 0 : 1], &high = at[is_little ? 1 : 0];
        const unsigned word = new_code(static_cast<unsigned>(high) << 8 | low);
        low = static_cast<std::uint8_t>(word);
        high = static_cast<std::uint8_t>(word >> 8);
      });
    }
  }
}

}  // namespace skyline
