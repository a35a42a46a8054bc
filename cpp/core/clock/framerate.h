// A rate as a fraction, and the exact time of its n-th frame.
#pragma once

#include <cstdint>

namespace skyline {

struct Framerate {
  int numerator = 0;  // 0: variable
  int denominator = 1;

  bool is_variable() const { return numerator == 0; }
  // Nanoseconds from frame 0 to frame n, rounded to nearest: no error builds up.
  std::int64_t time_of(std::uint64_t frame) const;
};

}  // namespace skyline
