// What skyconvert can make of which caps: the negotiation half of the element, without the element.
//
// Inside frame/ only. Sizes stay as they are, except that a 4:2:0 output of an odd size may be
// rounded up to even: encoders take odd caps and then fail on them.
#pragma once

#include "frame/frame_convert.h"
#include "gst/owned.h"

namespace skyline {

// All formats in system memory, any size and framerate: both pad templates.
CapsPtr sky_convert_caps();

// The caps of the other pad, the same format unchanged first. `filter` may be null.
CapsPtr sky_convert_transform_caps(GstPadDirection direction, const GstCaps* caps, const GstCaps* filter);
// Takes the best of `candidates` for `caps`, which are fixed: the same format where possible,
// even sizes for 4:2:0, and colorimetry said out loud where colour becomes YUV.
CapsPtr sky_convert_fixate_caps(GstPadDirection direction, const GstCaps* caps, const GstCaps* candidates);

// The weights for a YUV output.
Colorimetry colorimetry_of(const GstVideoInfo& info);

}  // namespace skyline
