// skyconvert's own buffers, for where downstream has none to offer.
//
// Inside frame/ only. Used again and again, because a fresh buffer costs several conversions in page
// faults; and each written once before its first frame, so that this cost falls into negotiation and
// what lies between the rows is never somebody's old heap.
#pragma once

#include "gst/owned.h"

namespace skyline {

// A pool that is not configured yet. Its buffers are those of GstVideoBufferPool.
PoolPtr make_touched_pool();

}  // namespace skyline
