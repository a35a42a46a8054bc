// Units without a length of their own get one before the muxer sees them.
//
// At a variable rate nobody knows how long a unit lasts until its successor comes, and h264parse takes the
// encoder's clock tick for a frame: 1 ns. Muxers need the length of the last unit alone. Where it is nothing,
// an MP4 ends where its last frame begins, and players do not show that frame.
#pragma once

#include "gst/owned.h"

namespace skyline {

// For all units that pass `pad` from now on. A unit lasts as long as the one before it, within reason.
void give_durations(GstPad* pad);

}  // namespace skyline
