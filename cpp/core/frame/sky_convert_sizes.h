// The sizes skyconvert can make: the given one, and for I420 and NV12 that rounded up to even.
//
// Inside frame/ only.
#pragma once

#include "gst/owned.h"

namespace skyline {

// Widens width and height of one pad's caps to what the other pad may have where the output is padded.
// `direction` is that of the pad which has `structure` now.
void widen_sizes(GstStructure* structure, GstPadDirection direction);

bool allows_size(const GstStructure* structure, const char* field, int size);

constexpr int even_up(int size) { return size < G_MAXINT ? size + size % 2 : size; }

}  // namespace skyline
