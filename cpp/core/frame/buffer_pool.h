// Buffers that are used again: a fresh one costs several conversions in page faults.
#pragma once

#include "frame/frame_view.h"
#include "gst/owned.h"

namespace skyline {

class BufferPool {
 public:
  enum class Rows {
    padded,  // GStreamer's default strides: every element understands them
    tight,   // numpy's: no padding, a GstVideoMeta says so where that differs
  };

  // Allocates and touches `warm` buffers at once; more come as they are needed.
  BufferPool(Format format, int width, int height, Rows rows, unsigned warm);
  ~BufferPool();  // buffers still out are freed when they come back
  BufferPool(const BufferPool&) = delete;
  BufferPool& operator=(const BufferPool&) = delete;

  // A buffer nobody else has. Never waits.
  BufferPtr acquire();
  // Where to write a buffer of this pool. Its memory is plain and stays mapped for life.
  MutableFrameView view_of(GstBuffer* buffer) const;

 private:
  GstVideoInfo info_;
  Format format_;
  Rows rows_;
  std::size_t bytes_;
  PoolPtr pool_;
};

}  // namespace skyline
