// A GstAppSrc as we use it everywhere: TIME format, unbounded inside, bounded by the queue in front.
//
// appsrc alone does not bound (max-bytes only emits a signal) and leaves a blocked push blocked after
// a failure, so its own limits are off: the owner keeps the queue, feeds while wants_data(), and is
// called back on the streaming thread when more is wanted.
#pragma once

#include <functional>

#include "gst/owned.h"

namespace skyline {

class AppSource {
 public:
  // Configures `appsrc` (format=time, block=false, max-*=0, stream-type=stream).
  // `on_need_data` runs on the appsrc's streaming thread and may push; empty where all is pushed at once.
  AppSource(GstElement* appsrc, bool is_live, std::function<void()> on_need_data);
  ~AppSource();  // callbacks off; the pipeline must be NULL by then, or its streaming thread may be inside one
  AppSource(const AppSource&) = delete;
  AppSource& operator=(const AppSource&) = delete;

  // In order with the buffers around it; a repeat of the last caps is free.
  void set_caps(GstCaps* caps);
  // False when the pipeline is stopping (flushing) or at EOS; the buffer is released then.
  bool push(BufferPtr buffer);
  bool wants_data() const;      // fewer than two buffers inside
  unsigned level() const;       // buffers inside
  void end_of_stream();
  GstElement* element() const { return element_.get(); }

 private:
  static void need_data(GstAppSrc* appsrc, guint length, gpointer self);

  ElementPtr element_;
  std::function<void()> on_need_data_;
};

}  // namespace skyline
