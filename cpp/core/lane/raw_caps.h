// Caps of raw frames: format, size, rate, colour.
#pragma once

#include <optional>

#include "clock/framerate.h"
#include "frame/frame_convert.h"
#include "gst/owned.h"

namespace skyline {

// `colorimetry` only where the format is YUV and its colours were decided.
CapsPtr raw_caps(Format format, int width, int height, Framerate framerate, std::optional<Colorimetry> colorimetry);

// The same without the rate: what a capsfilter pins.
CapsPtr raw_caps_any_rate(Format format, int width, int height, std::optional<Colorimetry> colorimetry);

constexpr int even(int side) { return side + side % 2; }

}  // namespace skyline
