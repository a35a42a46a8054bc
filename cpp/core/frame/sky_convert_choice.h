// What skyconvert makes where it has a choice: the format, the size, the colours.
//
// Inside frame/ only.
#pragma once

#include "frame/sky_convert_path.h"

namespace skyline {

struct Choice {
  guint structure = 0;  // of the candidates
  GstVideoFormat format = GST_VIDEO_FORMAT_UNKNOWN;
  int width = 0;  // the nearest that is allowed will do
  int height = 0;
};

// `direction` is that of the pad which has `given`. Unknown format where no candidate is readable.
Choice choose_format(const RawVideo& given, GstPadDirection direction, const GstCaps* candidates);

// Settles colorimetry and chroma-site of an output of this format: the input's own where the samples
// keep their kind; for colour that becomes YUV, BT.601 or BT.709 by height; sRGB for the reverse.
// Where `output` allows none of these, the nearest it does: the conversion then follows what is said.
void fixate_colours(const RawVideo& input, const GstStructure* input_caps, GstVideoFormat format, GstStructure* output);

}  // namespace skyline
