#include "frame/format.h"

#include <array>

#include "report/errors.h"

namespace skyline {
namespace {

struct FormatLayout {
  const char* name;
  GstVideoFormat gst;
  int planes;
  int channels;
  int pixel_bytes;
};

// In the order of the enumeration, which indexes it.
constexpr std::array<FormatLayout, kFormatCount> kLayouts{{
    {"BGR", GST_VIDEO_FORMAT_BGR, 1, 3, 3},
    {"RGB", GST_VIDEO_FORMAT_RGB, 1, 3, 3},
    {"BGRA", GST_VIDEO_FORMAT_BGRA, 1, 4, 4},
    {"RGBA", GST_VIDEO_FORMAT_RGBA, 1, 4, 4},
    {"GRAY8", GST_VIDEO_FORMAT_GRAY8, 1, 1, 1},
    {"GRAY16_LE", GST_VIDEO_FORMAT_GRAY16_LE, 1, 1, 2},
    {"I420", GST_VIDEO_FORMAT_I420, 3, 1, 1},
    {"NV12", GST_VIDEO_FORMAT_NV12, 2, 1, 1},
    {"BGRx", GST_VIDEO_FORMAT_BGRx, 1, 4, 4},
    {"RGBx", GST_VIDEO_FORMAT_RGBx, 1, 4, 4},
}};

const FormatLayout& layout(Format format) { return kLayouts[static_cast<std::size_t>(format)]; }

}  // namespace

const char* format_name(Format format) { return layout(format).name; }

Format format_from_name(const std::string& name) {
  std::string accepted;
  for (std::size_t index = 0; index < kLayouts.size(); ++index) {
    if (name == kLayouts[index].name) return static_cast<Format>(index);
    accepted += (index == 0 ? "" : " ") + std::string(kLayouts[index].name);
  }
  throw SinkError("format is \"" + name + "\", accepted are: " + accepted);
}

GstVideoFormat to_gst(Format format) { return layout(format).gst; }
bool is_planar(Format format) { return layout(format).planes > 1; }
bool is_colour(Format format) { return layout(format).channels >= 3; }
bool has_alpha(Format format) { return format == Format::BGRA || format == Format::RGBA; }
int plane_count(Format format) { return layout(format).planes; }
int channel_count(Format format) { return layout(format).channels; }
int pixel_bytes(Format format) { return layout(format).pixel_bytes; }

std::size_t plane_row_bytes(Format format, int plane, int width) {
  const auto pixels = static_cast<std::size_t>(width);
  if (plane == 0) return pixels * static_cast<std::size_t>(pixel_bytes(format));
  const std::size_t chroma_pairs = (pixels + 1) / 2;
  return format == Format::NV12 ? 2 * chroma_pairs : chroma_pairs;
}

int plane_rows(Format, int plane, int height) { return plane == 0 ? height : height / 2 + height % 2; }

std::size_t frame_bytes(Format format, int width, int height) {
  std::size_t bytes = 0;
  for (int plane = 0; plane < plane_count(format); ++plane) {
    bytes += plane_row_bytes(format, plane, width) * static_cast<std::size_t>(plane_rows(format, plane, height));
  }
  return bytes;
}

}  // namespace skyline
