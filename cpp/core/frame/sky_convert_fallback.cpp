#include "frame/sky_convert_fallback.h"

#include <string>
#include <utility>

#include "report/errors.h"

namespace skyline {
namespace {

std::string described(const GstVideoInfo& info) {
  return std::string(gst_video_format_to_string(GST_VIDEO_INFO_FORMAT(&info))) + " " + std::to_string(info.width) +
         "x" + std::to_string(info.height);
}

// Sixteen bits of each component side by side.
GstVideoInfo plain_info(const GstVideoInfo& like) {
  GstVideoInfo info = like;
  const bool is_rgb = GST_VIDEO_INFO_IS_RGB(&like);
  gst_video_info_set_format(&info, is_rgb ? GST_VIDEO_FORMAT_ARGB64 : GST_VIDEO_FORMAT_AYUV64,
                            static_cast<guint>(like.width), static_cast<guint>(like.height));
  info.colorimetry = like.colorimetry;
  info.interlace_mode = like.interlace_mode;
  info.fps_n = like.fps_n;
  info.fps_d = like.fps_d;
  return info;
}

}  // namespace

Fallback::Fallback(GstVideoInfo in, GstVideoInfo out, unsigned threads) : width_(in.width), height_(in.height) {
  // In the size of the input: what a 4:2:0 output has beyond it is filled in afterwards. And GStreamer's
  // converter insists on one framerate, which the caps of one side need not name.
  out.width = in.width;
  out.height = in.height;
  out.fps_n = in.fps_n;
  out.fps_d = in.fps_d;
  // Gray is luma, whatever its matrix: without this its weights would be exchanged for those of the other side.
  if (GST_VIDEO_INFO_IS_GRAY(&in) && GST_VIDEO_INFO_IS_YUV(&out)) in.colorimetry.matrix = out.colorimetry.matrix;
  if (GST_VIDEO_INFO_IS_GRAY(&out) && GST_VIDEO_INFO_IS_YUV(&in)) out.colorimetry.matrix = in.colorimetry.matrix;
  const GstVideoColorRange from = in.colorimetry.range;
  const bool shifts_range = in.colorimetry.matrix == out.colorimetry.matrix && from != out.colorimetry.range;
  if (shifts_range) in.colorimetry.range = out.colorimetry.range;
  if (shifts_range && !RangeShift::knows(out.finfo)) {
    const GstVideoInfo plain = plain_info(out);
    detour_.emplace(Detour{plain, BufferPtr::adopt(gst_buffer_new_allocate(nullptr, plain.size, nullptr)),
                           make(plain, out, threads)});
    out = plain;
  }
  if (shifts_range) range_shift_.emplace(out, from);
  converter_ = make(in, out, threads);
}

Fallback::ConverterPtr Fallback::make(const GstVideoInfo& in, const GstVideoInfo& out, unsigned threads) {
  if (in.interlace_mode != out.interlace_mode) throw FrameError("cannot make frames of fields, or fields of frames");
  GstStructure* options =
      gst_structure_new("skyconvert", GST_VIDEO_CONVERTER_OPT_THREADS, G_TYPE_UINT, threads, nullptr);
  ConverterPtr converter(gst_video_converter_new(&in, &out, options));  // takes the options
  if (!converter) throw FrameError("cannot convert " + described(in) + " to " + described(out));
  return converter;
}

void Fallback::convert(GstVideoFrame* in, GstVideoFrame* out) {
  if (detour_) return convert_by_detour(in, out);
  gst_video_converter_frame(converter_.get(), in, out);
  if (range_shift_) range_shift_->apply(out, width_, height_);
}

void Fallback::convert_by_detour(GstVideoFrame* in, GstVideoFrame* out) {
  GstVideoFrame plain;
  if (gst_video_frame_map(&plain, &detour_->info, detour_->buffer.get(), GST_MAP_READWRITE) == FALSE) {
    throw FrameError("no memory for a frame between two conversions");
  }
  gst_video_converter_frame(converter_.get(), in, &plain);
  range_shift_->apply(&plain, width_, height_);
  gst_video_converter_frame(detour_->onward.get(), &plain, out);
  gst_video_frame_unmap(&plain);
}

}  // namespace skyline
