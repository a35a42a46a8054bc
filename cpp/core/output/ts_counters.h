// Continuity counters that go on from one MPEG-TS segment to the next, as if one muxer had written them all.
//
// A muxer begins to count anew in each segment. Readers take that for lost packets: VLC then drops what it has
// of the frame before, the last one of every segment.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

namespace skyline {

class TsCounters {
 public:
  // A segment begins: its counters are moved so that the first of each PID follows the last one seen.
  void begin_segment();
  // Whole packets, in order. False, and the rest is left alone, at the first that is none.
  bool carry_on(std::uint8_t* packets, std::size_t bytes);
  // Both for a finished file, in place. 0, or what errno says.
  int carry_on_in(const std::string& path);

 private:
  struct Pid {
    std::uint8_t last = 15;     // of the counters as they were written
    std::uint8_t shift = 0;
    bool is_in_segment = false;
  };
  std::map<std::uint16_t, Pid> pids_;
};

}  // namespace skyline
