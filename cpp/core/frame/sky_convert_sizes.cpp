#include "frame/sky_convert_sizes.h"

#include "gst/value.h"

namespace skyline {
namespace {

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

}  // namespace

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

bool allows_size(const GstStructure* structure, const char* field, int size) {
  const GValue* allowed = gst_structure_get_value(structure, field);
  if (allowed == nullptr) return true;
  Value wanted(G_TYPE_INT);
  g_value_set_int(wanted.get(), size);
  return gst_value_intersect(nullptr, allowed, wanted.get()) != FALSE;
}

}  // namespace skyline
