// One buffer of raw video, mapped for a conversion: its planes where the buffer says they are.
//
// Inside frame/ only. GstVideoMeta (padded or reordered planes) and GstVideoCropMeta are obeyed; what
// does not hold a whole frame of the caps is refused before a byte is touched.
#pragma once

#include "frame/frame_view.h"
#include "gst/owned.h"

namespace skyline {

class MappedPicture {
 public:
  // Takes no reference to the buffer, which outlives this: with one more it would no longer be writable.
  // Throws FrameError.
  MappedPicture(const GstVideoInfo& info, GstBuffer* buffer, GstMapFlags access);
  ~MappedPicture();
  MappedPicture(const MappedPicture&) = delete;
  MappedPicture& operator=(const MappedPicture&) = delete;

  GstVideoFrame* frame() { return &frame_; }  // in the size of the caps
  MutableFrameView view(Format format) const;

 private:
  void check_meta(const GstVideoInfo& info) const;
  void check_planes() const;
  void crop(const GstVideoInfo& info);

  GstBuffer* buffer_;
  const char* side_;  // "input" or "output", for messages
  GstVideoFrame frame_{};
};

// What lies behind each row's pixels is no picture, but a sink may write it out: not somebody's old heap.
void clear_behind_rows(const MutableFrameView& view);

// Repeats the last column and row of the `width` x `height` picture in `view` into what lies beyond it.
// Chroma planes are rounded up anyway, so only the first one has a margin.
void repeat_edges(const MutableFrameView& view, int width, int height);

}  // namespace skyline
