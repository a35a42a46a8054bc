#include "frame/sky_convert_caps.h"

#include "frame/sky_convert_choice.h"
#include "frame/sky_convert_path.h"
#include "frame/sky_convert_sizes.h"
#include "gst/value.h"

namespace skyline {
namespace {

// What a conversion makes anew.
void forget_samples(GstStructure* structure) {
  gst_structure_remove_fields(structure, "format", "colorimetry", "chroma-site", nullptr);
}

void set_padded_formats(GstStructure* structure) {
  Value list(GST_TYPE_LIST);
  for (int index = 0; index < kFormatCount; ++index) {
    if (!is_planar(static_cast<Format>(index))) continue;
    Value name(G_TYPE_STRING);
    g_value_set_static_string(name.get(), format_name(static_cast<Format>(index)));
    gst_value_list_append_value(list.get(), name.get());
  }
  gst_structure_set_value(structure, "format", list.get());
}

bool allows_padded_format(const GstStructure* structure) {
  const GValue* allowed = gst_structure_get_value(structure, "format");
  if (allowed == nullptr) return true;
  GstStructure* padded = gst_structure_new_empty("formats");
  set_padded_formats(padded);
  const bool allows = gst_value_intersect(nullptr, allowed, gst_structure_get_value(padded, "format")) != FALSE;
  gst_structure_free(padded);
  return allows;
}

// `structure`: transfer full, as GStreamer has it. Nothing is added that is there already.
void merge(CapsPtr& caps, GstStructure* structure, const GstCapsFeatures* features) {
  caps = CapsPtr::adopt(gst_caps_merge_structure_full(
      caps.release(), structure, features != nullptr ? gst_caps_features_copy(features) : nullptr));
}

void merge_conversions(CapsPtr& result, const GstStructure* structure, const GstCapsFeatures* features,
                       GstPadDirection direction) {
  GstStructure* any_format = gst_structure_copy(structure);
  forget_samples(any_format);
  GstStructure* padded = nullptr;
  if (direction == GST_PAD_SINK || allows_padded_format(structure)) {
    padded = gst_structure_copy(any_format);
    if (direction == GST_PAD_SINK) set_padded_formats(padded);
    widen_sizes(padded, direction);
  }
  merge(result, any_format, features);
  if (padded != nullptr) merge(result, padded, features);
}

}  // namespace

CapsPtr sky_convert_caps() {
  CapsPtr caps = CapsPtr::adopt(gst_video_make_raw_caps(nullptr, 0));
  GstStructure* anything = gst_structure_copy(gst_caps_get_structure(caps.get(), 0));
  gst_structure_remove_field(anything, "format");
  gst_caps_append_structure_full(caps.get(), anything, gst_caps_features_new_any());
  return caps;
}

CapsPtr sky_convert_transform_caps(GstPadDirection direction, const GstCaps* caps, const GstCaps* filter) {
  CapsPtr result = CapsPtr::adopt(gst_caps_new_empty());
  for (guint index = 0; index < gst_caps_get_size(caps); ++index) {
    merge(result, gst_structure_copy(gst_caps_get_structure(caps, index)), gst_caps_get_features(caps, index));
  }
  for (guint index = 0; index < gst_caps_get_size(caps); ++index) {
    const GstCapsFeatures* features = gst_caps_get_features(caps, index);
    if (is_readable(features)) merge_conversions(result, gst_caps_get_structure(caps, index), features, direction);
  }
  if (filter == nullptr) return result;
  return CapsPtr::adopt(gst_caps_intersect_full(const_cast<GstCaps*>(filter), result.get(), GST_CAPS_INTERSECT_FIRST));
}

CapsPtr sky_convert_fixate_caps(GstPadDirection direction, const GstCaps* caps, const GstCaps* candidates) {
  const auto given = is_readable(gst_caps_get_features(caps, 0)) ? raw_video(caps) : std::nullopt;
  if (!given) {
    CapsPtr same = CapsPtr::adopt(gst_caps_intersect(const_cast<GstCaps*>(candidates), const_cast<GstCaps*>(caps)));
    if (gst_caps_is_empty(same.get()) != FALSE) return same;
    return CapsPtr::adopt(gst_caps_fixate(same.release()));
  }
  const Choice choice = choose_format(*given, direction, candidates);
  if (choice.format == GST_VIDEO_FORMAT_UNKNOWN) return CapsPtr::adopt(gst_caps_new_empty());
  CapsPtr result = CapsPtr::adopt(gst_caps_copy_nth(candidates, choice.structure));
  GstStructure* structure = gst_caps_get_structure(result.get(), 0);
  gst_structure_set(structure, "format", G_TYPE_STRING, gst_video_format_to_string(choice.format), nullptr);
  if (gst_structure_has_field(structure, "width")) {
    gst_structure_fixate_field_nearest_int(structure, "width", choice.width);
    gst_structure_fixate_field_nearest_int(structure, "height", choice.height);
  }
  if (direction == GST_PAD_SINK) fixate_colours(*given, gst_caps_get_structure(caps, 0), choice.format, structure);
  return CapsPtr::adopt(gst_caps_fixate(result.release()));
}

}  // namespace skyline
