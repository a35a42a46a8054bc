// What the elements behind an appsrc would rather be given than the frames as they come.
#pragma once

#include <optional>

#include "lane/frame_intake.h"

namespace skyline {

struct EncoderWish {
  std::optional<LaneFormat> lane;   // what put makes of each frame; nothing: leave it
  bool needs_converter = false;     // a skyconvert has to stand behind the appsrc, for frames that were lent if for no other
};

// Looks past queues and converters at what consumes the frames.
//
// Where it takes them as they are, or takes colour and the text has a converter of its own: no wish. Where only
// 4:2:0 is taken: I420 or NV12, with its size and colours. Where there is no converter and another packed format
// is taken: that one. Where it is something else again: a converter, which then chooses.
EncoderWish encoder_wish(GstElement* appsrc, Format given, FrameSize size);

}  // namespace skyline
