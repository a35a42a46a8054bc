#include "pipeline/caps_quarrel.h"

#include <set>

namespace skyline {
namespace {

std::string value_text(const GValue* value) { return take_string(gst_value_serialize(value)); }

// "width=14, height=14" and what the other side has there instead; only the fields that do not fit.
struct Difference {
  std::string given;
  std::string wanted;
};

Difference difference_of(const GstStructure* given, const GstStructure* wanted) {
  Difference difference;
  for (gint i = 0; i < gst_structure_n_fields(wanted); ++i) {
    const char* name = gst_structure_nth_field_name(wanted, static_cast<guint>(i));
    const GValue* ours = gst_structure_get_value(given, name);
    const GValue* theirs = gst_structure_get_value(wanted, name);
    // Not gst_value_can_intersect, which says yes to any two values of one type.
    if (ours != nullptr && gst_value_intersect(nullptr, ours, theirs) != 0) continue;
    const char* separator = difference.given.empty() ? "" : ", ";
    difference.given += separator + std::string(name) + "=" + (ours != nullptr ? value_text(ours) : "(not said)");
    difference.wanted += separator + std::string(name) + "=" + value_text(theirs);
  }
  return difference;
}

// Against the alternative of the same media type that is nearest; by media types where there is none.
Difference difference_of(GstCaps* given, GstCaps* wanted) {
  const GstStructure* ours = gst_caps_get_structure(given, 0);
  const char* media = gst_structure_get_name(ours);
  Difference nearest;
  std::set<std::string> others;
  for (guint i = 0; i < gst_caps_get_size(wanted); ++i) {
    const GstStructure* theirs = gst_caps_get_structure(wanted, i);
    others.insert(gst_structure_get_name(theirs));
    if (gst_structure_has_name(theirs, media) == 0) continue;
    Difference difference = difference_of(ours, theirs);
    if (nearest.given.empty() || difference.given.size() < nearest.given.size()) nearest = std::move(difference);
  }
  if (others.count(media) != 0) return nearest;
  Difference by_media{media, ""};
  for (const std::string& other : others) by_media.wanted += (by_media.wanted.empty() ? "" : ", ") + other;
  return by_media;
}

// The pad through which an element's only stream leaves; none at a fork or a sink.
PadPtr source_pad(GstElement* element) {
  if (element->numsrcpads != 1) return {};
  return PadPtr::share(GST_PAD(element->srcpads->data));
}

std::string name_of(const ElementPtr& element) { return take_string(gst_object_get_name(GST_OBJECT(element.get()))); }

}  // namespace

std::string caps_quarrel(GstElement* source) {
  ElementPtr element = ElementPtr::share(source);
  while (element) {
    const PadPtr pad = source_pad(element.get());
    const PadPtr peer = pad ? PadPtr::adopt(gst_pad_get_peer(pad.get())) : PadPtr();
    if (!peer) return "";
    ElementPtr next = ElementPtr::adopt(gst_pad_get_parent_element(peer.get()));
    const CapsPtr given = CapsPtr::adopt(gst_pad_get_current_caps(pad.get()));
    if (next && given && gst_pad_query_accept_caps(peer.get(), given.get()) == 0) {
      const CapsPtr wanted = CapsPtr::adopt(gst_pad_query_caps(peer.get(), nullptr));
      const Difference difference = difference_of(given.get(), wanted.get());
      if (difference.given.empty()) return "";
      return name_of(element) + " gives " + difference.given + ", " + name_of(next) + " wants " + difference.wanted;
    }
    element = std::move(next);
  }
  return "";
}

}  // namespace skyline
