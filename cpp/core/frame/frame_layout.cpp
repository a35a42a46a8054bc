#include "frame/frame_layout.h"

#include <cstdlib>
#include <cstring>

#include "report/errors.h"

namespace skyline {
namespace {

constexpr std::ptrdiff_t kMaxSide = 32767;             // GStreamer's own limit for raw video caps is INT_MAX; encoders end here
constexpr std::size_t kMaxBytes = 0x7fffffff;          // sizes inside GStreamer's video library are int

std::string shape_text(const StridedArray& array) {
  std::string text = "(";
  for (std::size_t i = 0; i < array.shape.size(); ++i) text += (i != 0 ? ", " : "") + std::to_string(array.shape[i]);
  return text + (array.shape.size() == 1 ? ",) " : ") ") + array.dtype;
}

const char* accepted_dtype(Format format) { return format == Format::GRAY16_LE ? "uint16" : "uint8"; }

// The cure for the mistakes people make most.
std::string advice(const StridedArray& array, Format format) {
  const auto dims = array.shape.size();
  const auto last = dims == 0 ? 0 : array.shape.back();
  if (array.dtype != accepted_dtype(format)) {
    if (array.dtype == "uint16" && dims == 2) return "; for 16-bit grey pass format=\"GRAY16_LE\"";
    if (array.dtype.rfind("float", 0) == 0) return "; scale it and use .astype(numpy.uint8)";
    return std::string("; convert it with .astype(numpy.") + accepted_dtype(format) + ")";
  }
  if (dims == 3 && last == 4) return "; for 4 channels pass format=\"BGRA\" or \"RGBA\"";
  if (dims == 3 && last == 3) return "; for 3 channels pass format=\"BGR\" or \"RGB\"";
  if (dims == 2 && !is_planar(format)) return "; for grey frames pass format=\"GRAY8\"";
  return "";
}

[[noreturn]] void refuse(const StridedArray& array, Format format, const std::string& why = "") {
  throw FrameError("frame is " + shape_text(array) + ", " + format_name(format) + " expects " + accepted_shape(format) +
                   (why.empty() ? advice(array, format) : "; " + why));
}

void check_size(const StridedArray& array, Format format, std::ptrdiff_t width, std::ptrdiff_t height, FrameSize expected) {
  if (width <= 0 || height <= 0) refuse(array, format, "a frame has at least one pixel");
  if (width > kMaxSide || height > kMaxSide || frame_bytes(format, static_cast<int>(width), static_cast<int>(height)) > kMaxBytes) {
    refuse(array, format, "a side may have 32767 pixels and a frame 2 GiB at most");
  }
  const bool fits = (expected.width == 0 || expected.width == width) && (expected.height == 0 || expected.height == height);
  if (!fits) {
    throw FrameError("frame is " + std::to_string(width) + "x" + std::to_string(height) + " (width x height), this stream is " +
                     std::to_string(expected.width) + "x" + std::to_string(expected.height) +
                     "; resize it, or start another stream for another size");
  }
}

}  // namespace

std::string accepted_shape(Format format) {
  switch (format) {
    case Format::BGR:
    case Format::RGB: return "(height, width, 3) uint8";
    case Format::BGRA:
    case Format::RGBA:
    case Format::BGRx:
    case Format::RGBx: return "(height, width, 4) uint8";
    case Format::GRAY8: return "(height, width) or (height, width, 1) uint8";
    case Format::GRAY16_LE: return "(height, width) or (height, width, 1) uint16, little-endian";
    case Format::I420:
    case Format::NV12: return "(height * 3 / 2, width) uint8 with even sides, or all planes tightly packed in one dimension with width= and height= given";
  }
  return "";
}

FrameLayout::FrameLayout(const StridedArray& array, Format format, FrameSize expected) : data_(array.data) {
  view_.format = format;
  if (array.dtype != accepted_dtype(format)) refuse(array, format);
  if (is_planar(format)) {
    plan_planar(array, expected);
  } else {
    plan_packed(array);
  }
  check_size(array, format, view_.width, view_.height, expected);
}

void FrameLayout::plan_packed(const StridedArray& array) {
  const Format format = view_.format;
  const int channels = channel_count(format);
  const bool has_channel_axis = array.shape.size() == 3;
  if (!has_channel_axis && !(array.shape.size() == 2 && channels == 1)) refuse(array, format);
  if (has_channel_axis && array.shape[2] != channels) refuse(array, format);
  if (array.shape[0] > kMaxSide || array.shape[1] > kMaxSide) check_size(array, format, array.shape[1], array.shape[0], {});

  view_.height = static_cast<int>(array.shape[0]);
  view_.width = static_cast<int>(array.shape[1]);
  array_rows_ = view_.height;
  array_row_items_ = view_.width;
  row_stride_ = array.strides[0];
  pixel_stride_ = array.strides[1];
  channel_stride_ = has_channel_axis ? array.strides[2] : 0;
  const bool one_pixel = view_.width == 1;
  is_packed_ = (one_pixel || pixel_stride_ == pixel_bytes(format)) && (channels == 1 || channel_stride_ == 1);
  view_.plane[0] = data_;
  view_.stride[0] = row_stride_;
}

void FrameLayout::plan_planar(const StridedArray& array, FrameSize expected) {
  const Format format = view_.format;
  if (array.shape.size() == 1) {
    if (expected.width == 0 || expected.height == 0) refuse(array, format, "a flat array needs width= and height=");
    const std::size_t bytes = frame_bytes(format, expected.width, expected.height);
    if (static_cast<std::size_t>(array.shape[0]) != bytes) {
      refuse(array, format, std::to_string(expected.width) + "x" + std::to_string(expected.height) + " has " + std::to_string(bytes) + " bytes");
    }
    view_.width = expected.width;
    view_.height = expected.height;
    array_rows_ = 1;
    array_row_items_ = static_cast<int>(bytes);
    pixel_stride_ = array.strides[0];
    row_stride_ = 0;
    is_packed_ = pixel_stride_ == 1;
  } else if (array.shape.size() == 2) {
    const std::ptrdiff_t rows = array.shape[0], width = array.shape[1];
    if (rows <= 0 || rows % 3 != 0 || width % 2 != 0 || width <= 0) refuse(array, format);
    if (rows / 3 * 2 > kMaxSide || width > kMaxSide) check_size(array, format, width, rows / 3 * 2, {});
    view_.width = static_cast<int>(width);
    view_.height = static_cast<int>(rows / 3 * 2);
    array_rows_ = static_cast<int>(rows);
    array_row_items_ = view_.width;
    row_stride_ = array.strides[0];
    pixel_stride_ = array.strides[1];
    is_packed_ = pixel_stride_ == 1 && row_stride_ == width;
  } else {
    refuse(array, format);
  }
  if (is_packed_) {
    // Tight memory: the same offsets that tight_view gives, read-only.
    const std::size_t luma = plane_row_bytes(format, 0, view_.width) * static_cast<std::size_t>(view_.height);
    view_.plane[0] = data_;
    view_.stride[0] = static_cast<std::ptrdiff_t>(plane_row_bytes(format, 0, view_.width));
    view_.plane[1] = data_ + luma;
    view_.stride[1] = static_cast<std::ptrdiff_t>(plane_row_bytes(format, 1, view_.width));
    if (plane_count(format) == 3) {
      view_.plane[2] = view_.plane[1] + view_.stride[1] * plane_rows(format, 1, view_.height);
      view_.stride[2] = view_.stride[1];
    }
  }
}

bool FrameLayout::is_lendable() const {
  if (!is_packed_) return false;
  const auto row_bytes = static_cast<std::ptrdiff_t>(plane_row_bytes(view_.format, 0, view_.width));
  if (view_.height == 1) return true;
  // GstVideoMeta knows no bottom-up or repeated rows that every element understands, and counts strides
  // and offsets in int.
  constexpr auto kMostBytes = static_cast<std::ptrdiff_t>(kMaxBytes);
  return view_.stride[0] >= row_bytes && view_.stride[0] <= kMostBytes / view_.height;
}

std::size_t FrameLayout::extent_bytes() const {
  if (is_planar(view_.format)) return frame_bytes(view_.format, view_.width, view_.height);
  const auto rows_before_last = static_cast<std::size_t>(view_.height - 1);
  return rows_before_last * static_cast<std::size_t>(view_.height == 1 ? 0 : view_.stride[0]) + plane_row_bytes(view_.format, 0, view_.width);
}

void FrameLayout::gather(std::uint8_t* out) const {
  const bool planar = is_planar(view_.format);
  const int channels = planar ? 1 : channel_count(view_.format);
  const std::size_t item_bytes = view_.format == Format::GRAY16_LE ? 2 : 1;
  for (int row = 0; row < array_rows_; ++row) {
    const std::uint8_t* line = data_ + row * row_stride_;
    for (int x = 0; x < array_row_items_; ++x) {
      const std::uint8_t* pixel = line + x * pixel_stride_;
      for (int c = 0; c < channels; ++c, out += item_bytes) std::memcpy(out, pixel + c * channel_stride_, item_bytes);
    }
  }
}

MutableFrameView tight_view(Format format, int width, int height, std::uint8_t* memory) {
  MutableFrameView view;
  view.format = format;
  view.width = width;
  view.height = height;
  for (int plane = 0; plane < plane_count(format); ++plane) {
    const auto index = static_cast<std::size_t>(plane);
    view.plane[index] = memory;
    view.stride[index] = static_cast<std::ptrdiff_t>(plane_row_bytes(format, plane, width));
    memory += plane_row_bytes(format, plane, width) * static_cast<std::size_t>(plane_rows(format, plane, height));
  }
  return view;
}

}  // namespace skyline
