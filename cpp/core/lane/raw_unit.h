// Frames as units, for outputs that take them as they are.
#pragma once

#include "lane/unit.h"

namespace skyline {

// The frame's pixels by reference and READONLY: where an element writes in place it gets a copy of its own, and
// neither the encoder nor another output sees what it wrote. The frame's buffer goes back to its pool when the last
// of them is done. Its PTS has to be running time, as it is in every lane of ours. Every raw unit is a key unit.
Unit raw_unit(GstBuffer* frame, GstCaps* caps);

// Answers for what stands behind `pad` that it takes frames with rows at any stride.
void accept_any_stride(GstPad* pad);

}  // namespace skyline
