#include "clock/framerate.h"

#include <gst/gst.h>

namespace skyline {

std::int64_t Framerate::time_of(std::uint64_t frame) const {
  return static_cast<std::int64_t>(gst_util_uint64_scale_round(
      frame, GST_SECOND * static_cast<std::uint64_t>(denominator), static_cast<std::uint64_t>(numerator)));
}

}  // namespace skyline
