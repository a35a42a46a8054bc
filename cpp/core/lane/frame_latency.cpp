#include "lane/frame_latency.h"

#include <algorithm>

namespace skyline {

void FrameLatency::pushed(std::int64_t pts_ns, std::int64_t put_ns, std::int64_t now_ns) {
  at(entered_++) = {pts_ns, put_ns, false};
  pushed_.record(now_ns - put_ns, now_ns);
}

FrameLatency::Frame* FrameLatency::find(std::int64_t pts_ns) {
  std::uint64_t first = entered_ - std::min<std::uint64_t>(entered_, kFrames);
  std::uint64_t end = entered_;
  while (first < end) {
    const std::uint64_t middle = first + (end - first) / 2;
    Frame& frame = at(middle);
    if (frame.pts_ns == pts_ns) return &frame;
    if (frame.pts_ns < pts_ns) {
      first = middle + 1;
    } else {
      end = middle;
    }
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
