// Buckets for times of 1 µs to 100 s whose width grows with the time, as HdrHistogram has them: 32 for each
// doubling. A bucket stands for its middle, which is at most 1/64 off any time in it.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace skyline::latency_buckets {

constexpr std::int64_t kLeast_ns = 1'000;
constexpr std::int64_t kMost_ns = 100'000'000'000;

constexpr unsigned kPartBits = 5;
constexpr unsigned kFirstOctave = 9;  // 512 … 1023 ns, which holds the least
constexpr unsigned kLastOctave = 36;  // 69 … 137 s, which holds the most
constexpr std::size_t kCount = std::size_t{kLastOctave - kFirstOctave + 1} << kPartBits;

// Of a time inside the bounds.
inline std::size_t bucket_of(std::int64_t latency_ns) {
  const auto value = static_cast<std::uint64_t>(latency_ns);
  const auto octave = 63U - static_cast<unsigned>(__builtin_clzll(value));
  const std::uint64_t part = (value >> (octave - kPartBits)) & ((1U << kPartBits) - 1);
  return (std::size_t{octave - kFirstOctave} << kPartBits) + part;
}

inline std::int64_t middle_of(std::size_t bucket) {
  const auto octave = static_cast<unsigned>(bucket >> kPartBits) + kFirstOctave;
  const auto part = static_cast<std::int64_t>(bucket & ((1U << kPartBits) - 1));
  const std::int64_t width = std::int64_t{1} << (octave - kPartBits);
  return (std::int64_t{1} << octave) + part * width + width / 2;
}

}  // namespace skyline::latency_buckets
