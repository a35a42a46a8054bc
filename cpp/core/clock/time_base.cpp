#include "clock/time_base.h"

namespace skyline {

TimeBase::TimeBase() : clock_(ClockPtr::adopt(gst_system_clock_obtain())), base_ns_(gst_clock_get_time(clock_.get())) {}

void TimeBase::apply(GstElement* pipeline, GstClockTime zero_ns) const {
  gst_pipeline_use_clock(GST_PIPELINE(pipeline), clock_.get());
  gst_element_set_start_time(pipeline, GST_CLOCK_TIME_NONE);
  gst_element_set_base_time(pipeline, base_ns_ + zero_ns);
}

GstClockTime TimeBase::running_time() const { return gst_clock_get_time(clock_.get()) - base_ns_; }

}  // namespace skyline
