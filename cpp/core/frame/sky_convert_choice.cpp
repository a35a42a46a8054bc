#include "frame/sky_convert_choice.h"

#include <string>
#include <tuple>

#include "frame/sky_convert_sizes.h"
#include "gst/value.h"

namespace skyline {
namespace {

using Finfo = const GstVideoFormatInfo*;

bool is_yuv(Finfo format) { return GST_VIDEO_FORMAT_INFO_IS_YUV(format); }
bool is_rgb(Finfo format) { return GST_VIDEO_FORMAT_INFO_IS_RGB(format); }
bool is_gray(Finfo format) { return GST_VIDEO_FORMAT_INFO_IS_GRAY(format); }
bool has_alpha(Finfo format) { return GST_VIDEO_FORMAT_INFO_HAS_ALPHA(format); }
int chroma_w_sub(Finfo format) { return is_yuv(format) ? GST_VIDEO_FORMAT_INFO_W_SUB(format, 1) : 0; }
int chroma_h_sub(Finfo format) { return is_yuv(format) ? GST_VIDEO_FORMAT_INFO_H_SUB(format, 1) : 0; }

int depth(Finfo format) {
  const bool has_palette = (GST_VIDEO_FORMAT_INFO_FLAGS(format) & GST_VIDEO_FORMAT_FLAG_PALETTE) != 0;
  return has_palette ? 1 : static_cast<int>(GST_VIDEO_FORMAT_INFO_DEPTH(format, 0));
}

enum class Rank { same, kernel, converter, converter_to_444 };

Rank rank_of(Finfo from, Finfo to, bool keeps_colours) {
  const auto ours = frame_format(GST_VIDEO_FORMAT_INFO_FORMAT(from));
  const auto theirs = frame_format(GST_VIDEO_FORMAT_INFO_FORMAT(to));
  const bool moves_samples = (is_yuv(from) && is_yuv(to)) || from == to;
  if (!moves_samples || keeps_colours) {
    if (from == to) return Rank::same;
    if (ours && theirs && can_convert(*ours, *theirs)) return Rank::kernel;
  }
  const bool is_420 = chroma_w_sub(to) == 1 && chroma_h_sub(to) == 1;
  return is_rgb(from) && is_yuv(to) && !is_420 ? Rank::converter_to_444 : Rank::converter;
}

// Among conversions of one rank: what is thrown away counts more than what is merely changed.
int small_loss(Finfo from, Finfo to) {
  int loss = 0;
  if (!is_gray(from)) {
    if (chroma_h_sub(to) > chroma_h_sub(from)) loss += 32;
    if (chroma_w_sub(to) > chroma_w_sub(from)) loss += 16;
  }
  if (chroma_w_sub(to) != chroma_w_sub(from) || chroma_h_sub(to) != chroma_h_sub(from)) loss += 1;
  if (is_yuv(from) != is_yuv(to) || is_rgb(from) != is_rgb(to)) loss += 8;
  if (has_alpha(from) != has_alpha(to)) loss += 2;
  if (depth(from) != depth(to)) loss += 1;
  return loss;
}

// Less is better, the first difference decides.
using Cost = std::tuple<bool, bool, bool, Rank, int, int>;

Cost cost_of(Finfo from, Finfo to, bool keeps_colours, int wrong_sides) {
  const bool loses_colour = is_gray(to) && !is_gray(from);
  const bool loses_alpha = has_alpha(from) && !has_alpha(to);
  const bool loses_depth = depth(to) < depth(from);
  return {loses_colour, loses_alpha, loses_depth, rank_of(from, to, keeps_colours), wrong_sides, small_loss(from, to)};
}

// Calls visit(text) for a string or each string of a list.
template <typename Visit>
void each_text(const GValue* value, Visit visit) {
  if (value == nullptr) return;
  if (G_VALUE_HOLDS_STRING(value)) visit(g_value_get_string(value));
  if (!GST_VALUE_HOLDS_LIST(value)) return;
  for (guint index = 0; index < gst_value_list_get_size(value); ++index) {
    const GValue* item = gst_value_list_get_value(value, index);
    if (G_VALUE_HOLDS_STRING(item)) visit(g_value_get_string(item));
  }
}

bool allows_colours(const GstStructure* structure, const GstVideoColorimetry& wanted) {
  const GValue* allowed = gst_structure_get_value(structure, "colorimetry");
  bool found = allowed == nullptr;
  each_text(allowed, [&](const char* text) {
    GstVideoColorimetry one{};
    found = found || (gst_video_colorimetry_from_string(&one, text) != FALSE && same_colours(one, wanted));
  });
  return found;
}

std::string text_of(const GstVideoColorimetry& colours) {
  return take_string(gst_video_colorimetry_to_string(&colours));
}

// The nearest to `wanted` that is allowed: itself, the same matrix and range, or the first.
void fixate_colorimetry(GstStructure* structure, const std::string& wanted) {
  GstVideoColorimetry target{};
  gst_video_colorimetry_from_string(&target, wanted.c_str());
  const GValue* allowed = gst_structure_get_value(structure, "colorimetry");
  std::string best = allowed == nullptr ? wanted : "";
  int best_distance = 3;
  each_text(allowed, [&](const char* text) {
    GstVideoColorimetry one{};
    if (gst_video_colorimetry_from_string(&one, text) == FALSE) return;
    const int distance = wanted == text ? 0 : one.matrix == target.matrix && one.range == target.range ? 1 : 2;
    if (distance >= best_distance) return;
    best = text;
    best_distance = distance;
  });
  if (!best.empty()) gst_structure_set(structure, "colorimetry", G_TYPE_STRING, best.c_str(), nullptr);
}

// What colour becomes in YUV: the usual of its size. Other light (HDR, linear) stays what it was, and the caps say so.
std::string colours_of_made_yuv(const RawVideo& input, int height) {
  const Colorimetry usual = default_colorimetry(height);
  GstVideoColorimetry colours = input.info.colorimetry;
  if (is_sdr(colours)) return colorimetry_caps(usual);
  const bool is_wide = colours.primaries == GST_VIDEO_COLOR_PRIMARIES_BT2020;
  const bool is_hd = usual.matrix == Matrix::bt709;
  colours.matrix = is_wide ? GST_VIDEO_COLOR_MATRIX_BT2020
                   : is_hd ? GST_VIDEO_COLOR_MATRIX_BT709
                           : GST_VIDEO_COLOR_MATRIX_BT601;
  colours.range = GST_VIDEO_COLOR_RANGE_16_235;
  return text_of(colours);
}

std::string colours_of_made_rgb(const RawVideo& input) {
  GstVideoColorimetry colours = input.info.colorimetry;
  if (is_sdr(colours)) return GST_VIDEO_COLORIMETRY_SRGB;
  colours.matrix = GST_VIDEO_COLOR_MATRIX_RGB;
  colours.range = GST_VIDEO_COLOR_RANGE_0_255;
  return text_of(colours);
}

bool same_subsampling(Finfo a, Finfo b) {
  return is_yuv(a) && is_yuv(b) && chroma_w_sub(a) == chroma_w_sub(b) && chroma_h_sub(a) == chroma_h_sub(b);
}

}  // namespace

Choice choose_format(const RawVideo& given, GstPadDirection direction, const GstCaps* candidates) {
  const bool forward = direction == GST_PAD_SINK;
  Choice best;
  Cost best_cost;
  for (guint index = 0; index < gst_caps_get_size(candidates); ++index) {
    if (!is_readable(gst_caps_get_features(candidates, index))) continue;
    const GstStructure* structure = gst_caps_get_structure(candidates, index);
    const bool keeps_colours = allows_colours(structure, given.info.colorimetry);
    each_text(gst_structure_get_value(structure, "format"), [&](const char* name) {
      const GstVideoFormat format = gst_video_format_from_string(name);
      const GstVideoFormatInfo* finfo = gst_video_format_get_info(format);
      if (format == GST_VIDEO_FORMAT_UNKNOWN || finfo == nullptr) return;
      Choice choice{index, format, given.info.width, given.info.height};
      const auto ours = frame_format(format);
      if (forward && ours && is_planar(*ours)) {
        choice.width = even_up(choice.width);
        choice.height = even_up(choice.height);
      }
      const int wrong_sides = (allows_size(structure, "width", choice.width) ? 0 : 1) +
                              (allows_size(structure, "height", choice.height) ? 0 : 1);
      const Cost cost = forward ? cost_of(given.info.finfo, finfo, keeps_colours, wrong_sides)
                                : cost_of(finfo, given.info.finfo, keeps_colours, wrong_sides);
      if (best.format != GST_VIDEO_FORMAT_UNKNOWN && !(cost < best_cost)) return;  // among equals the peer's first
      best = choice;
      best_cost = cost;
    });
  }
  return best;
}

void fixate_colours(const RawVideo& input, const GstStructure* input_caps, GstVideoFormat format,
                    GstStructure* output) {
  const GstVideoFormatInfo* from = input.info.finfo;
  const GstVideoFormatInfo* to = gst_video_format_get_info(format);
  const bool same_kind = is_yuv(from) == is_yuv(to) && is_rgb(from) == is_rgb(to);
  if (same_kind) {
    const char* said = gst_structure_get_string(input_caps, "colorimetry");
    if (said != nullptr) {
      fixate_colorimetry(output, said);
    } else if (gst_structure_has_field(output, "colorimetry")) {
      fixate_colorimetry(output, text_of(input.info.colorimetry));
    }
  } else if (is_yuv(to)) {
    int height = input.info.height;
    gst_structure_get_int(output, "height", &height);
    fixate_colorimetry(output, colours_of_made_yuv(input, height));
  } else if (is_rgb(to) && is_yuv(from)) {
    fixate_colorimetry(output, colours_of_made_rgb(input));
  }
  const char* site = gst_structure_get_string(input_caps, "chroma-site");
  if (site == nullptr || !same_subsampling(from, to)) return;
  if (!gst_structure_has_field(output, "chroma-site")) {
    gst_structure_set(output, "chroma-site", G_TYPE_STRING, site, nullptr);
  } else {
    gst_structure_fixate_field_string(output, "chroma-site", site);
  }
}

}  // namespace skyline
