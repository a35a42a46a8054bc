#include "frame/sky_convert_picture.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <string>

#include "report/errors.h"

namespace skyline {
namespace {

std::string size_text(guint width, guint height) { return std::to_string(width) + "x" + std::to_string(height); }

bool is_tiled(const GstVideoFormatInfo* format) {
  return (GST_VIDEO_FORMAT_INFO_FLAGS(format) & GST_VIDEO_FORMAT_FLAG_TILED) != 0;
}

// The first component of a plane; -1 for a plane without one (a palette).
int component_of(const GstVideoFormatInfo* format, int plane) {
  for (int component = 0; component < static_cast<int>(GST_VIDEO_FORMAT_INFO_N_COMPONENTS(format)); ++component) {
    if (static_cast<int>(GST_VIDEO_FORMAT_INFO_PLANE(format, component)) == plane) return component;
  }
  return -1;
}

// Where a plane's rows begin and end, in bytes from the start of its top one.
struct Extent {
  std::ptrdiff_t first = 0;
  std::ptrdiff_t last = 0;
};

Extent plane_extent(const GstVideoFrame& frame, int plane) {
  const int component = component_of(frame.info.finfo, plane);
  if (component < 0 || is_tiled(frame.info.finfo)) return {};  // strides count tiles
  const std::ptrdiff_t stride = GST_VIDEO_FRAME_PLANE_STRIDE(&frame, plane);
  const std::ptrdiff_t pixel = GST_VIDEO_FRAME_COMP_PSTRIDE(&frame, component);
  const std::ptrdiff_t row = pixel > 0 ? pixel * GST_VIDEO_FRAME_COMP_WIDTH(&frame, component) : std::abs(stride);
  const std::ptrdiff_t to_last_row = stride * (GST_VIDEO_FRAME_COMP_HEIGHT(&frame, component) - 1);
  return {std::min<std::ptrdiff_t>(to_last_row, 0), std::max<std::ptrdiff_t>(to_last_row, 0) + row};
}

// Moves the planes to the crop's corner. False where that lies between samples.
bool move_to_corner(GstVideoFrame& frame, const GstVideoCropMeta& crop) {
  if (crop.x == 0 && crop.y == 0) return true;
  const GstVideoFormatInfo* format = frame.info.finfo;
  if (is_tiled(format)) return false;
  for (int plane = 0; plane < static_cast<int>(GST_VIDEO_FRAME_N_PLANES(&frame)); ++plane) {
    const int component = component_of(format, plane);
    if (component < 0 || GST_VIDEO_FRAME_COMP_PSTRIDE(&frame, component) <= 0) return false;
    const guint columns = 1U << GST_VIDEO_FORMAT_INFO_W_SUB(format, component);
    const guint rows = 1U << GST_VIDEO_FORMAT_INFO_H_SUB(format, component);
    if (crop.x % columns != 0 || crop.y % rows != 0) return false;
    const std::ptrdiff_t down = std::ptrdiff_t{GST_VIDEO_FRAME_PLANE_STRIDE(&frame, plane)} * (crop.y / rows);
    const std::ptrdiff_t right = std::ptrdiff_t{GST_VIDEO_FRAME_COMP_PSTRIDE(&frame, component)} * (crop.x / columns);
    frame.data[plane] = static_cast<std::uint8_t*>(frame.data[plane]) + down + right;
  }
  return true;
}

}  // namespace

MappedPicture::MappedPicture(const GstVideoInfo& info, GstBuffer* buffer, GstMapFlags access)
    : buffer_(buffer), side_((access & GST_MAP_WRITE) != 0 ? "output" : "input") {
  check_meta(info);
  const auto flags = static_cast<GstMapFlags>(static_cast<int>(access) | GST_VIDEO_FRAME_MAP_FLAG_NO_REF);
  if (gst_video_frame_map(&frame_, &info, buffer, flags) == FALSE) {
    throw FrameError(std::string(side_) + " buffer has " + std::to_string(gst_buffer_get_size(buffer)) +
                     " bytes, which is not one frame of the caps");
  }
  try {
    crop(info);
    check_planes();
  } catch (const FrameError&) {
    gst_video_frame_unmap(&frame_);
    throw;
  }
}

MappedPicture::~MappedPicture() { gst_video_frame_unmap(&frame_); }

void MappedPicture::check_meta(const GstVideoInfo& info) const {
  const GstVideoMeta* meta = gst_buffer_get_video_meta(buffer_);
  if (meta == nullptr) return;
  const bool holds_caps =
      meta->format == GST_VIDEO_INFO_FORMAT(&info) && meta->n_planes == GST_VIDEO_INFO_N_PLANES(&info) &&
      meta->width >= static_cast<guint>(info.width) && meta->height >= static_cast<guint>(info.height);
  if (holds_caps) return;
  throw FrameError(std::string(side_) + " buffer is " + gst_video_format_to_string(meta->format) + " " +
                   size_text(meta->width, meta->height) + " by its GstVideoMeta, the caps say " +
                   gst_video_format_to_string(GST_VIDEO_INFO_FORMAT(&info)) + " " +
                   size_text(static_cast<guint>(info.width), static_cast<guint>(info.height)));
}

// A crop meta's rectangle has the size of the caps; the buffer is larger.
void MappedPicture::crop(const GstVideoInfo& info) {
  if (const GstVideoCropMeta* meta = gst_buffer_get_video_crop_meta(buffer_)) {
    const auto width = static_cast<guint>(info.width), height = static_cast<guint>(info.height);
    const bool has_size_of_caps = meta->width == width && meta->height == height;
    const bool lies_inside = meta->x <= static_cast<guint>(frame_.info.width) - width &&
                             meta->y <= static_cast<guint>(frame_.info.height) - height;
    if (!has_size_of_caps || !lies_inside || !move_to_corner(frame_, *meta)) {
      throw FrameError(std::string(side_) + " buffer is cropped to " + size_text(meta->width, meta->height) + " at " +
                       std::to_string(meta->x) + "," + std::to_string(meta->y) + "; a crop has the size of the caps, " +
                       size_text(width, height) + ", lies inside the frame and begins on a whole sample");
    }
  }
  frame_.info.width = info.width;
  frame_.info.height = info.height;
}

// A GstVideoMeta may promise more than its memory holds, and nothing in GStreamer looks.
void MappedPicture::check_planes() const {
  if (frame_.meta == nullptr) return;
  for (int plane = 0; plane < static_cast<int>(GST_VIDEO_FRAME_N_PLANES(&frame_)); ++plane) {
    const GstMapInfo& map = frame_.map[plane];
    const std::ptrdiff_t start = static_cast<const std::uint8_t*>(frame_.data[plane]) - map.data;
    const Extent extent = plane_extent(frame_, plane);
    if (start + extent.first >= 0 && start + extent.last <= static_cast<std::ptrdiff_t>(map.size)) continue;
    throw FrameError(std::string(side_) + " buffer has " + std::to_string(gst_buffer_get_size(buffer_)) +
                     " bytes, which is not one frame of the caps with the rows of its GstVideoMeta");
  }
}

MutableFrameView MappedPicture::view(Format format) const {
  MutableFrameView view;
  view.format = format;
  view.width = GST_VIDEO_FRAME_WIDTH(&frame_);
  view.height = GST_VIDEO_FRAME_HEIGHT(&frame_);
  for (std::size_t plane = 0; plane < static_cast<std::size_t>(plane_count(format)); ++plane) {
    view.plane[plane] = static_cast<std::uint8_t*>(GST_VIDEO_FRAME_PLANE_DATA(&frame_, plane));
    view.stride[plane] = GST_VIDEO_FRAME_PLANE_STRIDE(&frame_, plane);
  }
  return view;
}

void clear_behind_rows(const MutableFrameView& view) {
  for (int plane = 0; plane < plane_count(view.format); ++plane) {
    const auto index = static_cast<std::size_t>(plane);
    const std::size_t row_bytes = plane_row_bytes(view.format, plane, view.width);
    const std::ptrdiff_t gap = std::abs(view.stride[index]) - static_cast<std::ptrdiff_t>(row_bytes);
    const int gaps = plane_rows(view.format, plane, view.height) - (view.stride[index] > 0 ? 0 : 1);
    if (gap <= 0) continue;
    for (int y = 0; y < gaps; ++y) {
      std::memset(view.plane[index] + y * view.stride[index] + row_bytes, 0, static_cast<std::size_t>(gap));
    }
  }
}

void repeat_edges(const MutableFrameView& view, int width, int height) {
  const auto pixel = static_cast<std::size_t>(pixel_bytes(view.format));
  std::uint8_t* row = view.plane[0];
  for (int y = 0; y < height; ++y, row += view.stride[0]) {
    for (int x = width; x < view.width; ++x)
      std::memcpy(row + pixel * static_cast<std::size_t>(x), row + pixel * static_cast<std::size_t>(x - 1), pixel);
  }
  for (int y = height; y < view.height; ++y, row += view.stride[0]) {
    std::memcpy(row, row - view.stride[0], plane_row_bytes(view.format, 0, view.width));
  }
}

}  // namespace skyline
