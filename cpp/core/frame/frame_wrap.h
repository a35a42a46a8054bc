// lend: the caller's own memory as a GstBuffer, without a copy.
#pragma once

#include <memory>

#include "frame/frame_layout.h"
#include "frame/release_queue.h"
#include "gst/owned.h"

namespace skyline {

// Wraps the frame's memory READONLY (an in-place element would write into the caller's array
// otherwise) and adds a GstVideoMeta where its rows are not GStreamer's default ones. When the last
// reference goes, `lent` is appended to the release queue. Precondition: layout.is_lendable().
BufferPtr wrap_frame(const FrameLayout& layout, std::unique_ptr<Lent> lent);

// Adds the GstVideoMeta that says where the view's rows lie, unless they lie where the caps say anyway.
void describe_rows(GstBuffer* buffer, const FrameView& view, std::size_t extent_bytes);

}  // namespace skyline
