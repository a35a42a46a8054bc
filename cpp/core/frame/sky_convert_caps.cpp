#include "frame/sky_convert_caps.h"

#include <algorithm>
#include <string>
#include <vector>

namespace skyline {
namespace {

enum class Family { colour, gray, yuv };
constexpr Family kFamilies[] = {Family::colour, Family::gray, Family::yuv};

Family family_of(Format format) {
  if (is_planar(format)) return Family::yuv;
  return channel_count(format) == 1 ? Family::gray : Family::colour;
}

const std::vector<Format>& all_formats() {
  static const std::vector<Format> formats = [] {
    std::vector<Format> all;
    all.reserve(kFormatCount);
    for (int index = 0; index < kFormatCount; ++index) all.push_back(static_cast<Format>(index));
    return all;
  }();
  return formats;
}

// A GValue that frees what it holds.
class Value {
 public:
  explicit Value(GType type) { g_value_init(&value_, type); }
  ~Value() { g_value_unset(&value_); }
  Value(const Value&) = delete;
  Value& operator=(const Value&) = delete;
  GValue* get() { return &value_; }

 private:
  GValue value_ = G_VALUE_INIT;
};

bool allows(const GstStructure* structure, const char* field, const GValue* wanted) {
  const GValue* allowed = gst_structure_get_value(structure, field);
  return allowed == nullptr || gst_value_intersect(nullptr, allowed, wanted) != FALSE;
}

bool allows_format(const GstStructure* structure, Format format) {
  Value name(G_TYPE_STRING);
  g_value_set_static_string(name.get(), format_name(format));
  return allows(structure, "format", name.get());
}

bool allows_size(const GstStructure* structure, const char* field, int size) {
  Value number(G_TYPE_INT);
  g_value_set_int(number.get(), size);
  return allows(structure, field, number.get());
}

void set_formats(GstStructure* structure, const std::vector<Format>& formats) {
  Value list(GST_TYPE_LIST);
  for (const Format format : formats) {
    Value name(G_TYPE_STRING);
    g_value_set_static_string(name.get(), format_name(format));
    gst_value_list_append_value(list.get(), name.get());
  }
  gst_structure_set_value(structure, "format",
                          formats.size() == 1 ? gst_value_list_get_value(list.get(), 0) : list.get());
}

int even_up(int size) { return size < G_MAXINT ? size + size % 2 : size; }

void append_size(GValue* list, int size) {
  Value number(G_TYPE_INT);
  g_value_set_int(number.get(), size);
  gst_value_list_append_value(list, number.get());
}

// Adds to `list` the sizes the other pad may have where this one has `sizes`. An odd input gives
// its own size or the next even one; so an even output comes from its own size or one less.
void append_other_sizes(GValue* list, const GValue* sizes, GstPadDirection direction) {
  const bool forward = direction == GST_PAD_SINK;
  if (G_VALUE_HOLDS_INT(sizes)) {
    const int size = g_value_get_int(sizes);
    if (forward) {
      if (even_up(size) != size) append_size(list, even_up(size));
      append_size(list, size);
    } else {
      append_size(list, size);
      if (size % 2 == 0 && size > 1) append_size(list, size - 1);
    }
  } else if (GST_VALUE_HOLDS_INT_RANGE(sizes)) {
    const int low = gst_value_get_int_range_min(sizes);
    const int high = gst_value_get_int_range_max(sizes);
    const bool all_even = gst_value_get_int_range_step(sizes) % 2 == 0;
    if (forward && all_even) {
      gst_value_list_append_value(list, sizes);
      return;
    }
    // Ranges with another odd step are widened to a step of one: too much is offered, nothing lost.
    Value range(GST_TYPE_INT_RANGE);
    gst_value_set_int_range(range.get(), forward || low % 2 != 0 || low < 2 ? low : low - 1,
                            forward ? even_up(high) : high);
    gst_value_list_append_value(list, range.get());
  } else if (GST_VALUE_HOLDS_LIST(sizes)) {
    for (guint index = 0; index < gst_value_list_get_size(sizes); ++index) {
      append_other_sizes(list, gst_value_list_get_value(sizes, index), direction);
    }
  }
}

void widen_sizes(GstStructure* structure, GstPadDirection direction) {
  for (const char* field : {"width", "height"}) {
    const GValue* sizes = gst_structure_get_value(structure, field);
    if (sizes == nullptr) continue;
    Value list(GST_TYPE_LIST);
    append_other_sizes(list.get(), sizes, direction);
    const guint count = gst_value_list_get_size(list.get());
    if (count == 0) continue;
    gst_structure_set_value(structure, field, count == 1 ? gst_value_list_get_value(list.get(), 0) : list.get());
  }
}

// What the other pad may have where this one has `format` and the rest of `structure`.
void merge_conversions(CapsPtr& result, const GstStructure* structure, Format format, GstPadDirection direction) {
  const bool forward = direction == GST_PAD_SINK;
  for (const Family family : kFamilies) {
    std::vector<Format> others;
    for (const Format other : all_formats()) {
      const bool convertible = forward ? can_convert(format, other) : can_convert(other, format);
      if (family_of(other) == family && convertible) others.push_back(other);
    }
    if (others.empty()) continue;
    GstStructure* offer = gst_structure_copy(structure);
    // The same format leads, so that what needs no work is preferred.
    std::stable_partition(others.begin(), others.end(), [&](Format other) { return other == format; });
    set_formats(offer, others);
    if (family != family_of(format)) {
      // These describe samples that the conversion makes anew.
      gst_structure_remove_fields(offer, "colorimetry", "chroma-site", nullptr);
    }
    const Family output = forward ? family : family_of(format);
    if (output == Family::yuv) widen_sizes(offer, direction);
    result = CapsPtr::adopt(gst_caps_merge_structure(result.release(), offer));  // unless known
  }
}

Format preferred_format(const GstStructure* structure, Format given) {
  if (allows_format(structure, given)) return given;
  const GValue* formats = gst_structure_get_value(structure, "format");
  const GValue* first = GST_VALUE_HOLDS_LIST(formats) ? gst_value_list_get_value(formats, 0) : formats;
  return format_from_name(g_value_get_string(first));
}

struct FixedVideo {
  Format format;
  int width = 0;
  int height = 0;
};

FixedVideo fixed_video(const GstCaps* caps) {
  const GstStructure* structure = gst_caps_get_structure(caps, 0);
  const char* name = gst_structure_get_string(structure, "format");
  FixedVideo video{format_from_name(name != nullptr ? name : "")};
  gst_structure_get_int(structure, "width", &video.width);
  gst_structure_get_int(structure, "height", &video.height);
  return video;
}

// What to make of `given` where `structure` is allowed, ideally.
FixedVideo wish(const FixedVideo& given, const GstStructure* structure, GstPadDirection direction) {
  FixedVideo wanted{preferred_format(structure, given.format), given.width, given.height};
  if (direction == GST_PAD_SINK && is_planar(wanted.format)) {
    wanted.width = even_up(given.width);
    wanted.height = even_up(given.height);
  }
  return wanted;
}

void fixate_colorimetry(GstStructure* structure, int height) {
  const std::string standard = colorimetry_caps(default_colorimetry(height));
  if (gst_structure_has_field(structure, "colorimetry")) {
    gst_structure_fixate_field_string(structure, "colorimetry", standard.c_str());
  } else {
    gst_structure_set(structure, "colorimetry", G_TYPE_STRING, standard.c_str(), nullptr);
  }
}

}  // namespace

CapsPtr sky_convert_caps() {
  GstStructure* structure =
      gst_structure_new("video/x-raw", "width", GST_TYPE_INT_RANGE, 1, G_MAXINT, "height", GST_TYPE_INT_RANGE, 1,
                        G_MAXINT, "framerate", GST_TYPE_FRACTION_RANGE, 0, 1, G_MAXINT, 1, nullptr);
  set_formats(structure, all_formats());
  return CapsPtr::adopt(gst_caps_new_full(structure, nullptr));
}

CapsPtr sky_convert_transform_caps(GstPadDirection direction, const GstCaps* caps, const GstCaps* filter) {
  CapsPtr result = CapsPtr::adopt(gst_caps_new_empty());
  for (guint index = 0; index < gst_caps_get_size(caps); ++index) {
    const GstStructure* structure = gst_caps_get_structure(caps, index);
    if (!gst_caps_features_is_equal(gst_caps_get_features(caps, index), GST_CAPS_FEATURES_MEMORY_SYSTEM_MEMORY)) {
      continue;
    }
    gst_caps_append_structure(result.get(), gst_structure_copy(structure));
    for (const Format format : all_formats()) {
      if (allows_format(structure, format)) {
        merge_conversions(result, structure, format, direction);
      }
    }
  }
  if (filter == nullptr) return result;
  return CapsPtr::adopt(gst_caps_intersect_full(const_cast<GstCaps*>(filter), result.get(), GST_CAPS_INTERSECT_FIRST));
}

CapsPtr sky_convert_fixate_caps(GstPadDirection direction, const GstCaps* caps, const GstCaps* candidates) {
  const FixedVideo given = fixed_video(caps);
  guint best = 0;
  int best_score = -1;
  for (guint index = 0; index < gst_caps_get_size(candidates); ++index) {
    const GstStructure* structure = gst_caps_get_structure(candidates, index);
    const FixedVideo wanted = wish(given, structure, direction);
    const bool same_format = wanted.format == given.format;
    const bool right_size =
        allows_size(structure, "width", wanted.width) && allows_size(structure, "height", wanted.height);
    const int score = (same_format ? 2 : 0) + (right_size ? 1 : 0);
    if (score > best_score) {  // among equals the first, which is the peer's choice
      best = index;
      best_score = score;
    }
  }
  CapsPtr result = CapsPtr::adopt(gst_caps_copy_nth(candidates, best));
  GstStructure* structure = gst_caps_get_structure(result.get(), 0);
  const FixedVideo wanted = wish(given, structure, direction);
  gst_structure_set(structure, "format", G_TYPE_STRING, format_name(wanted.format), nullptr);
  gst_structure_fixate_field_nearest_int(structure, "width", wanted.width);
  gst_structure_fixate_field_nearest_int(structure, "height", wanted.height);
  const bool makes_yuv = family_of(wanted.format) == Family::yuv && family_of(given.format) != Family::yuv;
  if (direction == GST_PAD_SINK && makes_yuv) fixate_colorimetry(structure, wanted.height);
  return CapsPtr::adopt(gst_caps_fixate(result.release()));
}

Colorimetry colorimetry_of(const GstVideoInfo& info) {
  Colorimetry result = default_colorimetry(info.height);
  if (info.colorimetry.matrix == GST_VIDEO_COLOR_MATRIX_BT601) {
    result.matrix = Matrix::bt601;
  } else if (info.colorimetry.matrix != GST_VIDEO_COLOR_MATRIX_UNKNOWN) {
    // BT.2020 and its kin differ in their primaries too. Frames come in BT.709's, and changing
    // those takes linear light, which is no matter of weights: BT.709's are the nearest truth.
    result.matrix = Matrix::bt709;
  }
  result.range = info.colorimetry.range == GST_VIDEO_COLOR_RANGE_0_255 ? Range::full : Range::limited;
  return result;
}

}  // namespace skyline
