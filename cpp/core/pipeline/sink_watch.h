// Tells which frames come to the sinks of a pipeline that is not of our making, by the times they bear.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "gst/owned.h"

namespace skyline {

class SinkWatch {
 public:
  // Runs on a streaming thread for the first of the buffers that come to a sink with the same time (a frame is
  // many RTP packets); `pts_ns` is in running time. Not for buffers without a time.
  using Arrival = std::function<void(std::int64_t pts_ns)>;

  SinkWatch() = default;
  ~SinkWatch();
  SinkWatch(const SinkWatch&) = delete;
  SinkWatch& operator=(const SinkWatch&) = delete;

  // Watches every sink of `bin` for as long as this lives; once, before it plays.
  void watch(GstBin* bin, Arrival on_arrival);

 private:
  struct Door {
    SinkWatch* watch;
    PadPtr pad;
    gulong probe = 0;
    GstClockTime last_pts = GST_CLOCK_TIME_NONE;  // the pad's streaming thread only

    void take(GstBuffer* buffer);
  };

  void watch_sinks(GstBin* bin);
  void watch_pad(GstPad* pad);

  Arrival on_arrival_;
  std::vector<std::unique_ptr<Door>> doors_;
};

}  // namespace skyline
