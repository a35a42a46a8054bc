// When a lane's frames were put, found again by the time that each unit bears, and how long they took.
//
// By the PTS, because that comes through every encoder and parser to the nanosecond. Metas do not: a parser that
// puts parameter sets in front of a unit makes a new buffer.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "report/latency.h"

namespace skyline {

// All of it counted from the moment the call that brought the frame came to the intake.
struct FrameLatencyReport {
  LatencyReport pushed;               // into the appsrc
  LatencyReport encoded;              // its first unit left the encode pipeline
  LatencyReport sent;                 // a description's: it came to a sink
  std::uint64_t unmatched_units = 0;  // with a time that is no frame's, or that of one too long ago
};

// Not thread-safe: its owner locks, and reads `now_ns` under the lock.
class FrameLatency {
 public:
  // So many frames are remembered; the deepest look-ahead there is (x265's) holds 250.
  static constexpr std::size_t kFrames = 1024;

  struct Frame {
    std::int64_t pts_ns = 0;
    std::int64_t put_ns = 0;
    bool has_unit = false;
  };

  // A frame entered the pipeline; `pts_ns` is greater than any before.
  void pushed(std::int64_t pts_ns, std::int64_t put_ns, std::int64_t now_ns);
  // Null where no frame that is remembered has this time. Valid until the next pushed().
  Frame* find(std::int64_t pts_ns);
  // The first unit of this frame came out, or one of no known frame (null). When the frame was put.
  std::optional<std::int64_t> encoded(Frame* frame, std::int64_t now_ns);
  // This frame came to a sink of a description, which may have several.
  void sent(const Frame& frame, std::int64_t now_ns) { sent_.record(now_ns - frame.put_ns, now_ns); }
  FrameLatencyReport report(std::int64_t now_ns) const;

 private:
  Frame& at(std::uint64_t number) { return frames_[number % kFrames]; }

  std::array<Frame, kFrames> frames_;  // a ring, in the order of pts_ns
  std::uint64_t entered_ = 0;
  Latency pushed_;
  Latency encoded_;
  Latency sent_;
  std::uint64_t unmatched_units_ = 0;
};

}  // namespace skyline
