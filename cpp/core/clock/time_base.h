// One clock and one base time for every pipeline of a stream, so that a running time means the same
// in all of them.
#pragma once

#include "gst/owned.h"

namespace skyline {

class TimeBase {
 public:
  TimeBase();  // the system clock, base = now

  // Before the pipeline is PAUSED. `zero_ns` shifts the base for an output whose time starts at its
  // first key unit. start_time becomes NONE, or PLAYING would overwrite the base.
  void apply(GstElement* pipeline, GstClockTime zero_ns = 0) const;
  GstClockTime running_time() const;  // now

 private:
  ClockPtr clock_;
  GstClockTime base_ns_;
};

}  // namespace skyline
