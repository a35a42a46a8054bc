#include "frame/sky_convert_path.h"

namespace skyline {
namespace {

bool is_yuv(const GstVideoInfo& info) { return GST_VIDEO_INFO_IS_YUV(&info); }
bool is_rgb(const GstVideoInfo& info) { return GST_VIDEO_INFO_IS_RGB(&info); }

void complete(GstVideoInfo& info) {
  GstVideoColorimetry& colours = info.colorimetry;
  const bool limited = is_yuv(info);
  if (colours.range == GST_VIDEO_COLOR_RANGE_UNKNOWN) {
    colours.range = limited ? GST_VIDEO_COLOR_RANGE_16_235 : GST_VIDEO_COLOR_RANGE_0_255;
  }
  if (colours.matrix != GST_VIDEO_COLOR_MATRIX_UNKNOWN) return;
  if (is_rgb(info)) {
    colours.matrix = GST_VIDEO_COLOR_MATRIX_RGB;
  } else {
    const bool hd = is_yuv(info) && default_colorimetry(info.height).matrix == Matrix::bt709;
    colours.matrix = hd ? GST_VIDEO_COLOR_MATRIX_BT709 : GST_VIDEO_COLOR_MATRIX_BT601;
  }
}

bool same_side(int in, int out, bool may_be_padded) {
  return out == in || (may_be_padded && in % 2 != 0 && out == in + 1);
}

bool same_or_unknown(int a, int b) { return a == b || a == 0 || b == 0; }

// Where chroma lies is no question for colour, gray and 4:4:4, or where one side does not say.
bool same_chroma_site(const RawVideo& in, const RawVideo& out) {
  const bool is_subsampled = is_yuv(in.info) && GST_VIDEO_FORMAT_INFO_W_SUB(in.info.finfo, 1) != 0;
  if (!is_subsampled || !in.says_chroma_site || !out.says_chroma_site) return true;
  return in.info.chroma_site == out.info.chroma_site;
}

// The kernels take a chroma sample for the mean of its pixels. Between that ("jpeg") and "mpeg2" lies
// a quarter of a sample, which nobody corrects for 8-bit video; the rarer sites are further off.
bool is_usual_chroma_site(const RawVideo& video) {
  return !video.says_chroma_site || video.info.chroma_site == GST_VIDEO_CHROMA_SITE_UNKNOWN ||
         video.info.chroma_site == GST_VIDEO_CHROMA_SITE_JPEG || video.info.chroma_site == GST_VIDEO_CHROMA_SITE_MPEG2;
}

bool is_one_progressive_view(const GstVideoInfo& info) {
  const GstVideoMultiviewMode mode = GST_VIDEO_INFO_MULTIVIEW_MODE(&info);
  return !GST_VIDEO_INFO_IS_INTERLACED(&info) && GST_VIDEO_INFO_VIEWS(&info) == 1 &&
         (mode == GST_VIDEO_MULTIVIEW_MODE_NONE || mode == GST_VIDEO_MULTIVIEW_MODE_MONO);
}

bool kernels_know_colours(const RawVideo& video) {
  const GstVideoColorimetry& colours = video.info.colorimetry;
  if (!is_sdr(colours)) return false;
  if (!is_yuv(video.info)) return colours.range == GST_VIDEO_COLOR_RANGE_0_255;
  return is_usual_chroma_site(video) &&
         (colours.matrix == GST_VIDEO_COLOR_MATRIX_BT601 || colours.matrix == GST_VIDEO_COLOR_MATRIX_BT709);
}

bool kernels_do(const RawVideo& in, const RawVideo& out) {
  const auto from = frame_format(GST_VIDEO_INFO_FORMAT(&in.info));
  const auto to = frame_format(GST_VIDEO_INFO_FORMAT(&out.info));
  if (!from || !to || !can_convert(*from, *to)) return false;
  if (!is_one_progressive_view(in.info) || !is_one_progressive_view(out.info)) return false;
  const bool both_yuv = is_yuv(in.info) && is_yuv(out.info);
  const bool both_rgb = is_rgb(in.info) && is_rgb(out.info);
  // The samples only change places, whatever their colours are.
  if (both_yuv || both_rgb || *from == *to) {
    return same_colours(in.info.colorimetry, out.info.colorimetry) && same_chroma_site(in, out);
  }
  return kernels_know_colours(in) && kernels_know_colours(out);
}

}  // namespace

const char* path_name(ConvertPath path) {
  switch (path) {
    case ConvertPath::passthrough:
      return "passthrough";
    case ConvertPath::kernel:
      return "kernel";
    case ConvertPath::videoconverter:
      return "videoconverter";
    case ConvertPath::refused:
      break;
  }
  return "none";
}

bool is_readable(const GstCapsFeatures* features) {
  if (features == nullptr || gst_caps_features_is_any(features) != FALSE) return features == nullptr;
  for (guint index = 0; index < gst_caps_features_get_size(features); ++index) {
    const char* feature = gst_caps_features_get_nth(features, index);
    if (g_strcmp0(feature, GST_CAPS_FEATURE_MEMORY_SYSTEM_MEMORY) != 0 &&
        g_strcmp0(feature, GST_CAPS_FEATURE_META_GST_VIDEO_OVERLAY_COMPOSITION) != 0) {
      return false;
    }
  }
  return true;
}

std::optional<RawVideo> raw_video(const GstCaps* caps) {
  RawVideo video;
  gst_video_info_init(&video.info);
  if (gst_video_info_from_caps(&video.info, caps) == FALSE) return std::nullopt;
  const GstStructure* structure = gst_caps_get_structure(caps, 0);
  // Read again, because GStreamer 1.22 puts its default over it where the caps say no colorimetry.
  if (const char* site = gst_structure_get_string(structure, "chroma-site")) {
    video.says_chroma_site = true;
    video.info.chroma_site = gst_video_chroma_site_from_string(site);
  }
  complete(video.info);
  return video;
}

ConvertPath choose_path(const RawVideo& in, const RawVideo& out) {
  if (!fits_size(in.info, out.info) || in.info.interlace_mode != out.info.interlace_mode) return ConvertPath::refused;
  const bool same_samples = GST_VIDEO_INFO_FORMAT(&in.info) == GST_VIDEO_INFO_FORMAT(&out.info) &&
                            same_colours(in.info.colorimetry, out.info.colorimetry) && same_chroma_site(in, out);
  const bool same_size = in.info.width == out.info.width && in.info.height == out.info.height;
  if (same_samples && same_size) return ConvertPath::passthrough;
  return kernels_do(in, out) ? ConvertPath::kernel : ConvertPath::videoconverter;
}

std::optional<Format> frame_format(GstVideoFormat format) {
  for (int index = 0; index < kFormatCount; ++index) {
    if (to_gst(static_cast<Format>(index)) == format) return static_cast<Format>(index);
  }
  return std::nullopt;
}

bool same_colours(const GstVideoColorimetry& a, const GstVideoColorimetry& b) {
  // Primaries and transfer say how the light was, not how the samples are computed: not said is no contradiction.
  return a.matrix == b.matrix && a.range == b.range && same_or_unknown(a.primaries, b.primaries) &&
         (same_or_unknown(a.transfer, b.transfer) || (is_sdr(a) && is_sdr(b)));
}

bool is_sdr(const GstVideoColorimetry& colorimetry) {
  switch (colorimetry.transfer) {
    case GST_VIDEO_TRANSFER_UNKNOWN:
    case GST_VIDEO_TRANSFER_BT709:
    case GST_VIDEO_TRANSFER_BT601:
    case GST_VIDEO_TRANSFER_SRGB:
    case GST_VIDEO_TRANSFER_GAMMA22:
      break;
    default:
      return false;
  }
  switch (colorimetry.primaries) {
    case GST_VIDEO_COLOR_PRIMARIES_UNKNOWN:
    case GST_VIDEO_COLOR_PRIMARIES_BT709:
    case GST_VIDEO_COLOR_PRIMARIES_BT470M:
    case GST_VIDEO_COLOR_PRIMARIES_BT470BG:
    case GST_VIDEO_COLOR_PRIMARIES_SMPTE170M:
      return true;
    default:
      return false;
  }
}

bool fits_size(const GstVideoInfo& in, const GstVideoInfo& out) {
  const auto format = frame_format(GST_VIDEO_INFO_FORMAT(&out));
  const bool may_be_padded = format && is_planar(*format);
  return same_side(in.width, out.width, may_be_padded) && same_side(in.height, out.height, may_be_padded);
}

Colorimetry colorimetry_of(const GstVideoInfo& side) {
  const bool is_bt601 = side.colorimetry.matrix == GST_VIDEO_COLOR_MATRIX_BT601;
  const bool is_full = side.colorimetry.range == GST_VIDEO_COLOR_RANGE_0_255;
  return {is_bt601 ? Matrix::bt601 : Matrix::bt709, is_full ? Range::full : Range::limited};
}

}  // namespace skyline
