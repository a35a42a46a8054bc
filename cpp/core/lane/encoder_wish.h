// What the elements behind an appsrc would rather be given than packed colour.
#pragma once

#include <optional>

#include "lane/frame_intake.h"

namespace skyline {

// Looks past queues and converters at what consumes the frames. I420 or NV12 (with its size and colours)
// where only those are taken, nothing where the frames should go as they are.
std::optional<LaneFormat> encoder_wish(GstElement* appsrc, Format given, FrameSize size);

}  // namespace skyline
