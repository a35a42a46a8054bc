#include "output/cut_plan.h"

namespace skyline {

bool CutPlan::is_due(std::int64_t pts_ns) const {
  return (part_ns_ != 0 && pts_ns >= zero_ns_ + part_ns_ - kTolerance_ns) ||
         (part_bytes_ != 0 && bytes_ >= part_bytes_);
}

bool CutPlan::take(std::int64_t pts_ns, std::size_t bytes, bool is_key, bool caps_changed) {
  wanted_.reset();
  const bool begins = is_key && (!begun_ || caps_changed || is_due(pts_ns));
  if (begins) {
    begun_ = true;
    zero_ns_ = pts_ns;
    bytes_ = 0;
    asked_for_bytes_ = false;
    if (part_ns_ != 0) {
      asked_ns_ = zero_ns_ + part_ns_ - kTolerance_ns;
      wanted_ = asked_ns_;
    }
  } else if (begun_ && is_due(pts_ns) && pts_ns >= asked_ns_ + kAskAgain_ns) {
    asked_ns_ = pts_ns;  // the encoder did not hear us
    wanted_ = -1;
  }
  bytes_ += bytes;
  if (part_bytes_ != 0 && bytes_ >= part_bytes_ && !asked_for_bytes_) {
    asked_for_bytes_ = true;
    asked_ns_ = pts_ns;
    wanted_ = -1;
  }
  return begins;
}

}  // namespace skyline
