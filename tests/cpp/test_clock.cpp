// Frame times: exact over ten hours, true to the moment of arrival, strictly rising.
#include <limits>

#include "check.h"
#include "clock/deadline.h"
#include "clock/pts_clock.h"

using namespace skyline;

namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

// n * 10^9 * denominator / numerator, rounded to nearest: 128 bits, unlike the code under test.
std::int64_t exact(std::uint64_t frame, Framerate rate) {
  __extension__ using Wide = unsigned __int128;
  const Wide numerator = static_cast<Wide>(rate.numerator);
  return static_cast<std::int64_t>(
      (static_cast<Wide>(frame) * kSecond * static_cast<Wide>(rate.denominator) + numerator / 2) / numerator);
}

}  // namespace

TEST("frame n of ten hours at 30000/1001 is at n/fps, to the nanosecond") {
  const Framerate ntsc{30000, 1001};
  PtsClock clock(ClockMode::fixed, ntsc);
  const std::uint64_t frames = 36000ULL * 30000 / 1001 + 1;
  std::int64_t end = 0;
  int wrong = 0;
  for (std::uint64_t frame = 0; frame < frames; ++frame) {
    const FrameTime time = clock.stamp({}, 0);
    if (time.pts_ns != exact(frame, ntsc) || time.pts_ns != (frame == 0 ? 0 : end)) ++wrong;  // no gap, no overlap
    end = time.pts_ns + time.duration_ns;
  }
  CHECK_EQ(wrong, 0);
  CHECK_EQ(clock.nudged(), std::uint64_t{0});
  CHECK_EQ(clock.origin_ns(), std::int64_t{0});
}

TEST("time_of is exact for odd rates and for numbers far away") {
  for (const Framerate rate :
       {Framerate{25, 1}, {24000, 1001}, {60000, 1001}, {1, 7}, {2147483647, 2147483647}, {1000000, 33333}}) {
    for (const std::uint64_t frame : {0ULL, 1ULL, 2ULL, 999ULL, 1078921ULL, 1000000007ULL})
      CHECK_EQ(rate.time_of(frame), exact(frame, rate));
  }
  CHECK_EQ((Framerate{1, 2147483647}.time_of(4)), kSecond * 4 * 2147483647);
  CHECK(Framerate{}.is_variable());
}

TEST("arrival counts from the first frame and keeps pauses") {
  PtsClock clock(ClockMode::arrival, {});
  CHECK_EQ(clock.stamp({}, 5 * kSecond).pts_ns, std::int64_t{0});
  CHECK_EQ(clock.origin_ns(), 5 * kSecond);
  const FrameTime second = clock.stamp({}, 5 * kSecond + 33'000'001);
  CHECK_EQ(second.pts_ns, std::int64_t{33'000'001});
  CHECK_EQ(second.duration_ns, std::int64_t{-1});
  CHECK_EQ(clock.stamp({}, 7 * kSecond + 33'000'001).pts_ns, 2 * kSecond + 33'000'001);
  CHECK_EQ(clock.nudged(), std::uint64_t{0});
}

TEST("a declared rate gives arrivals a duration and nothing else") {
  PtsClock clock(ClockMode::arrival, {30000, 1001});
  clock.stamp({}, kSecond);
  const FrameTime time = clock.stamp({}, kSecond + 40'000'000);
  CHECK_EQ(time.pts_ns, std::int64_t{40'000'000});
  CHECK_EQ(time.duration_ns, std::int64_t{33'366'667});
}

TEST("a caller's time wins, and puts the origin where its zero was") {
  PtsClock clock(ClockMode::arrival, {});
  CHECK_EQ(clock.stamp(2 * kSecond, 5 * kSecond).pts_ns, 2 * kSecond);
  CHECK_EQ(clock.origin_ns(), 3 * kSecond);
  CHECK_EQ(clock.stamp({}, 6 * kSecond).pts_ns, 3 * kSecond);  // an arrival in between fits in
  CHECK_EQ(clock.stamp(4 * kSecond, 6 * kSecond).pts_ns, 4 * kSecond);
  PtsClock epoch(ClockMode::arrival, {});  // a capture time since 1970
  const std::int64_t now = 1'785'000'000 * kSecond;
  CHECK_EQ(epoch.stamp(now, kSecond).pts_ns, now);
  CHECK_EQ(epoch.origin_ns(), std::int64_t{0});
}

TEST("a time that repeats or goes back is one nanosecond after the last, and counted") {
  PtsClock clock(ClockMode::arrival, {});
  clock.stamp(kSecond, 0);
  CHECK_EQ(clock.stamp(kSecond, 0).pts_ns, kSecond + 1);
  CHECK_EQ(clock.stamp(std::int64_t{0}, 0).pts_ns, kSecond + 2);
  CHECK_EQ(clock.stamp({}, 0).pts_ns, kSecond + 3);
  CHECK_EQ(clock.stamp(2 * kSecond, 0).pts_ns, 2 * kSecond);
  CHECK_EQ(clock.nudged(), std::uint64_t{3});
}

TEST("fixed with a caller's times mixed in: the others stay at n/fps unless that would go back") {
  PtsClock clock(ClockMode::fixed, {10, 1});
  CHECK_EQ(clock.stamp({}, 0).pts_ns, std::int64_t{0});
  const FrameTime own = clock.stamp(150'000'000, 0);
  CHECK_EQ(own.pts_ns, std::int64_t{150'000'000});
  CHECK_EQ(own.duration_ns, std::int64_t{100'000'000});
  CHECK_EQ(clock.stamp({}, 0).pts_ns, std::int64_t{200'000'000});
  clock.stamp(kSecond, 0);
  CHECK_EQ(clock.stamp({}, 0).pts_ns, kSecond + 1);  // 400 ms is in the past
  CHECK_EQ(clock.nudged(), std::uint64_t{1});
  CHECK_EQ(clock.origin_ns(), std::int64_t{0});
}

TEST("a deadline is bounded whatever it is given") {
  for (const double nothing :
       {0.0, -1.0, -1e300, -std::numeric_limits<double>::infinity(), std::numeric_limits<double>::quiet_NaN()}) {
    CHECK(Deadline::in_seconds(nothing).passed());
  }
  for (const double for_ever : {1e9, 1e300, std::numeric_limits<double>::infinity()}) {
    const Deadline deadline = Deadline::in_seconds(for_ever);
    CHECK(!deadline.passed());
    CHECK(deadline.left() > std::chrono::hours(24 * 365));
    const auto slice = deadline.slice();
    CHECK(slice <= SteadyClock::now() + std::chrono::milliseconds(50));
  }
}
