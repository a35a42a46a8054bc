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
  if (path_ == ConvertPath::videoconverter) fallback_.emplace(in_, out_, threads);
  if (path_ == ConvertPath::refused) throw FrameError("cannot convert " + described(in_) + " to " + described(out_));
}

void ConvertWork::convert(GstBuffer* in_buffer, GstBuffer* out_buffer) {
  MappedPicture in(in_, in_buffer, GST_MAP_READ);
  MappedPicture out(out_, out_buffer, GST_MAP_WRITE);
  if (to_) clear_behind_rows(out.view(*to_));
  if (path_ == ConvertPath::kernel) {
    convert_frame(in.view(*from_).as_const(), out.view(*to_), weights_);
    return;
  }
  fallback_->convert(in.frame(), out.frame());
  if (to_ && (out_.width > in_.width || out_.height > in_.height)) repeat_edges(out.view(*to_), in_.width, in_.height);
}

}  // namespace skyline
