#include "lane/frame_latency.h"

#include <algorithm>

namespace skyline {

void FrameLatency::pushed(std::int64_t pts_ns, std::int64_t put_ns, std::int64_t now_ns) {
  at(entered_++) = {pts_ns, put_ns, false};
  pushed_.record(now_ns - put_ns, now_ns);
}

FrameLatency::Frame* FrameLatency::find(std::int64_t pts_ns) {
  const std::uint64_t oldest = entered_ - std::min<std::uint64_t>(entered_, kFrames);
  // From the newest on: what is looked for is seldom far from it.
  for (std::uint64_t number = entered_; number > oldest;) {
    Frame& frame = at(--number);
    if (frame.pts_ns <= pts_ns) return frame.pts_ns == pts_ns ? &frame : nullptr;
  }
  return nullptr;
}

std::optional<std::int64_t> FrameLatency::encoded(Frame* frame, std::int64_t now_ns) {
  if (frame == nullptr) {
    ++unmatched_units_;
    return std::nullopt;
  }
  frame->has_unit = true;
  encoded_.record(now_ns - frame->put_ns, now_ns);
  return frame->put_ns;
}

FrameLatencyReport FrameLatency::report(std::int64_t now_ns) const {
  return {pushed_.report(now_ns), encoded_.report(now_ns), sent_.report(now_ns), unmatched_units_};
}

}  // namespace skyline
