#include "frame/sky_convert_work.h"

#include <string>

#include "report/errors.h"

namespace skyline {
namespace {

std::string described(const GstVideoInfo& info) {
  return std::string(gst_video_format_to_string(GST_VIDEO_INFO_FORMAT(&info))) + " " + std::to_string(info.width) +
         "x" + std::to_string(info.height) + " " +
         gst_video_interlace_mode_to_string(GST_VIDEO_INFO_INTERLACE_MODE(&info));
}

// The side whose matrix weighs red, green and blue: YUV's, or for gray from colour the gray's.
const GstVideoInfo& weighing_side(const GstVideoInfo& in, const GstVideoInfo& out) {
  if (GST_VIDEO_INFO_IS_YUV(&in)) return in;
  return GST_VIDEO_INFO_IS_RGB(&out) ? in : out;
}

}  // namespace

ConvertWork::ConvertWork(const RawVideo& in, const RawVideo& out, unsigned threads)
    : in_(in.info),
      out_(out.info),
      path_(choose_path(in, out)),
      from_(frame_format(GST_VIDEO_INFO_FORMAT(&in.info))),
      to_(frame_format(GST_VIDEO_INFO_FORMAT(&out.info))),
      weights_(colorimetry_of(weighing_side(in.info, out.info))) {
  if (path_ == ConvertPath::videoconverter) make_converter(threads);
  if (path_ == ConvertPath::refused) throw FrameError("cannot convert " + described(in_) + " to " + described(out_));
}

void ConvertWork::make_converter(unsigned threads) {
  GstVideoInfo from = in_, to = out_;
  // Gray is luma, whatever its matrix: without this its weights would be exchanged for those of the other side.
  if (GST_VIDEO_INFO_IS_GRAY(&from) && GST_VIDEO_INFO_IS_YUV(&to)) from.colorimetry.matrix = to.colorimetry.matrix;
  if (GST_VIDEO_INFO_IS_GRAY(&to) && GST_VIDEO_INFO_IS_YUV(&from)) to.colorimetry.matrix = from.colorimetry.matrix;
  if (from.colorimetry.matrix == to.colorimetry.matrix && from.colorimetry.range != to.colorimetry.range) {
    range_shift_.emplace(to, from.colorimetry.range);
    from.colorimetry.range = to.colorimetry.range;
  }
  // In the size of the input: what a 4:2:0 output has beyond it is filled in afterwards. And GStreamer's
  // converter insists on one framerate, which the caps of one side need not name.
  to.width = from.width;
  to.height = from.height;
  to.fps_n = from.fps_n;
  to.fps_d = from.fps_d;
  GstStructure* options =
      gst_structure_new("skyconvert", GST_VIDEO_CONVERTER_OPT_THREADS, G_TYPE_UINT, threads, nullptr);
  converter_.reset(gst_video_converter_new(&from, &to, options));  // takes the options
  if (!converter_) path_ = ConvertPath::refused;
}

void ConvertWork::convert(GstBuffer* in_buffer, GstBuffer* out_buffer) {
  MappedPicture in(in_, in_buffer, GST_MAP_READ);
  MappedPicture out(out_, out_buffer, GST_MAP_WRITE);
  if (to_) clear_behind_rows(out.view(*to_));
  if (path_ == ConvertPath::kernel) {
    convert_with_kernel(in, out);
  } else {
    convert_with_gstreamer(in, out);
  }
}

void ConvertWork::convert_with_kernel(const MappedPicture& in, const MappedPicture& out) const {
  convert_frame(in.view(*from_).as_const(), out.view(*to_), weights_);
}

void ConvertWork::convert_with_gstreamer(MappedPicture& in, MappedPicture& out) const {
  gst_video_converter_frame(converter_.get(), in.frame(), out.frame());
  if (range_shift_) range_shift_->apply(out.frame(), in_.width, in_.height);
  if (to_ && (out_.width > in_.width || out_.height > in_.height)) repeat_edges(out.view(*to_), in_.width, in_.height);
}

}  // namespace skyline
