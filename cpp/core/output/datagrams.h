// What a muxer makes of one frame, cut into datagrams and sent at once.
//
// A muxer that fills its datagrams by itself keeps the last, unfilled one until more comes: a frame late,
// and with a quiet picture, of a few packets a frame, many frames late.
#pragma once

#include <cstddef>

#include "gst/owned.h"

namespace skyline {

// Cuts each buffer that leaves `pad` into pieces of at most `most_bytes`, in one list. The memory stays shared.
void cut_into_datagrams(GstPad* pad, std::size_t most_bytes);

}  // namespace skyline
