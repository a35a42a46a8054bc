// What skyconvert can make of which caps: the negotiation half of the element, without the element.
//
// Inside frame/ only. Sizes stay as they are, except that I420 and NV12 of an odd size may be rounded
// up to even: encoders take odd caps and then fail on them.
#pragma once

#include "gst/owned.h"

namespace skyline {

// Both pad templates: every raw format that GStreamer's converter knows in system memory, and any
// other memory, which is only ever passed through.
CapsPtr sky_convert_caps();

// The caps of the other pad, the same ones first. `filter` may be null.
CapsPtr sky_convert_transform_caps(GstPadDirection direction, const GstCaps* caps, const GstCaps* filter);

// Takes the best of `candidates` for `caps`, which are fixed. In this order: keep colour, then alpha,
// then depth; pass through, take a kernel, take GStreamer's converter; lose least; what the peer
// names first. Colour that becomes YUV becomes 4:2:0 where that is allowed: 4:4:4 is what browsers and hardware
// cannot play. Sizes of I420 and NV12 are even where allowed, and colorimetry is said out loud
// where a conversion changes it.
CapsPtr sky_convert_fixate_caps(GstPadDirection direction, const GstCaps* caps, const GstCaps* candidates);

}  // namespace skyline
