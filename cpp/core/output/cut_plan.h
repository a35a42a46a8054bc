// Where the parts of an output begin, decided as units come in. No GStreamer calls.
//
// A part is decided at the entrance of the queue, not at its end, so that the key unit for the next
// cut is asked for in time even when the sink is behind.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

namespace skyline {

// Not thread-safe: its owner locks.
class CutPlan {
 public:
  // Zero turns a limit off.
  CutPlan(std::int64_t part_ns, std::uint64_t part_bytes) : part_ns_(part_ns), part_bytes_(part_bytes) {}

  // The next unit of the stream. True where a part begins with it.
  bool take(std::int64_t pts_ns, std::size_t bytes, bool is_key, bool caps_changed);

  // What the last unit makes us ask the encoder for: a key unit at this running time, -1 for now.
  std::optional<std::int64_t> key_unit_wanted() const { return wanted_; }

 private:
  // Frame times are rounded to nanoseconds (and by some encoders to 90 kHz), so n frames may be a little
  // shorter than part_ns; waiting for the next frame would make every part one frame too long.
  static constexpr std::int64_t kTolerance_ns = 500'000;
  static constexpr std::int64_t kAskAgain_ns = 1'000'000'000;

  bool is_due(std::int64_t pts_ns) const;

  const std::int64_t part_ns_;
  const std::uint64_t part_bytes_;
  bool begun_ = false;
  std::int64_t zero_ns_ = 0;    // where the current part began
  std::uint64_t bytes_ = 0;     // of the current part
  std::int64_t asked_ns_ = 0;   // the time the last request was for
  bool asked_for_bytes_ = false;
  std::optional<std::int64_t> wanted_;
};

}  // namespace skyline
