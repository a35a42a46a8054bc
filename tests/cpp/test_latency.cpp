// Latencies: what the buckets say against what was exactly so, the windows, and frames found again by their time.
#include <algorithm>
#include <cmath>
#include <memory>
#include <random>
#include <vector>

#include "check.h"
#include "lane/frame_latency.h"

using namespace skyline;

namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kMost = 100 * kSecond;

// By nearest rank: the least of them that at least this share did not exceed.
std::int64_t exact(std::vector<std::int64_t> all, std::size_t percent) {
  std::sort(all.begin(), all.end());
  return all[(all.size() * percent + 99) / 100 - 1];
}

bool is_near(std::int64_t read, std::int64_t wanted) {
  return std::abs(static_cast<double>(read - wanted)) <= static_cast<double>(wanted) / 64 + 1;
}

std::string near_text(std::int64_t read, std::int64_t wanted) {
  return std::to_string(read) + " for " + std::to_string(wanted);
}

std::optional<LatencySummary> summary_of(const std::vector<std::int64_t>& samples) {
  const auto latency = std::make_unique<Latency>();
  for (const auto sample : samples) latency->record(sample, kSecond);
  return latency->report(kSecond).since_start;
}

void check_against(const std::vector<std::int64_t>& samples, const std::optional<LatencySummary>& summary) {
  CHECK(summary.has_value());
  if (!summary) return;
  CHECK_EQ(summary->count, std::uint64_t{samples.size()});
  CHECK_EQ(summary->max_ns, exact(samples, 100));
  CHECK_EQ(summary->clamped, std::uint64_t{0});
  CHECK_SAY(is_near(summary->p50_ns, exact(samples, 50)), near_text(summary->p50_ns, exact(samples, 50)));
  CHECK_SAY(is_near(summary->p95_ns, exact(samples, 95)), near_text(summary->p95_ns, exact(samples, 95)));
  CHECK_SAY(is_near(summary->p99_ns, exact(samples, 99)), near_text(summary->p99_ns, exact(samples, 99)));
  CHECK(summary->p50_ns <= summary->p95_ns && summary->p95_ns <= summary->p99_ns);
  CHECK(summary->p99_ns <= summary->max_ns);
}

}  // namespace

TEST("percentiles are within 1/64 of the exact ones, whatever the samples are like") {
  std::mt19937_64 random(7);
  for (int round = 0; round < 300; ++round) {
    std::vector<std::int64_t> samples(1 + random() % 2000);
    const double middle = std::exp(std::uniform_real_distribution<>(std::log(2e3), std::log(5e10))(random));
    std::lognormal_distribution<> spread(std::log(middle), std::uniform_real_distribution<>(0.0, 1.5)(random));
    for (auto& sample : samples) sample = std::clamp(std::llround(spread(random)), 1'000LL, 100'000'000'000LL);
    check_against(samples, summary_of(samples));
  }
  for (const auto& samples : std::vector<std::vector<std::int64_t>>{{1'000}, {kMost}, {1'000, kMost}}) {
    check_against(samples, summary_of(samples));
  }
}

TEST("every time from 1 µs to 100 s is within 1/64 of what is read for it") {
  for (std::int64_t ns = 1'000; ns <= kMost; ns += 1 + ns / 700) {
    const auto summary = summary_of({ns, 2 * kMost});  // so that the exact maximum does not help
    CHECK_SAY(is_near(summary->p50_ns, ns), near_text(summary->p50_ns, ns));
  }
}

TEST("what is outside counts as the nearer end, and is told") {
  CHECK(!summary_of({}));
  auto summary = summary_of({-5, 0, 999});
  CHECK_EQ(summary->count, std::uint64_t{3});
  CHECK_EQ(summary->clamped, std::uint64_t{3});
  CHECK_EQ(summary->max_ns, std::int64_t{999});
  CHECK(summary->p99_ns <= summary->max_ns);
  summary = summary_of({1'000, 50 * kMost});
  CHECK_EQ(summary->clamped, std::uint64_t{1});
  CHECK_EQ(summary->max_ns, 50 * kMost);
  CHECK_SAY(is_near(summary->p99_ns, kMost), std::to_string(summary->p99_ns));
}

TEST("two windows read as one") {
  std::vector<std::int64_t> samples;
  const auto latency = std::make_unique<Latency>();
  latency->record(1, 12 * Latency::kWindow_ns);  // long ago
  for (std::int64_t n = 1; n <= 1000; ++n) {
    samples.push_back(n % 77 * 10'000 + 5'000);
    latency->record(samples.back(), 20 * Latency::kWindow_ns + (n > 300 ? Latency::kWindow_ns : 0));
  }
  check_against(samples, latency->report(21 * Latency::kWindow_ns).recent);
  CHECK_EQ(latency->report(21 * Latency::kWindow_ns).since_start->clamped, std::uint64_t{1});
}

TEST("the recent ones are those of the last 5 to 10 s, those since the start are all") {
  const auto latency = std::make_unique<Latency>();
  const std::int64_t begin = 1234 * Latency::kWindow_ns + 17;
  CHECK(!latency->report(begin).since_start && !latency->report(begin).recent);
  latency->record(1'000'000, begin);
  for (std::int64_t second = 0; second < 40; ++second) {
    for (int n = 0; n < 30; ++n) latency->record(5'000'000, begin + second * kSecond);
    const auto report = latency->report(begin + second * kSecond);
    const auto held = std::min<std::int64_t>(second + 1, 5 + second % 5 + 1) * 30;
    CHECK_EQ(report.recent->count, std::uint64_t{static_cast<std::uint64_t>(held + (second < 10 ? 1 : 0))});
    CHECK_EQ(report.since_start->count, static_cast<std::uint64_t>((second + 1) * 30 + 1));
  }
  const std::int64_t last = begin + 39 * kSecond;
  CHECK_EQ(latency->report(last + 5 * kSecond).recent->count, std::uint64_t{150});
  CHECK(!latency->report(last + 10 * kSecond).recent);
  CHECK_EQ(latency->report(last + 1000 * kSecond).since_start->count, std::uint64_t{1201});
  // After a long silence nothing of before is left.
  latency->record(7'000'000, last + 60 * kSecond);
  CHECK_EQ(latency->report(last + 60 * kSecond).recent->count, std::uint64_t{1});
  latency->record(7'000'000, last + 66 * kSecond);
  latency->record(7'000'000, last + 76 * kSecond);
  CHECK_EQ(latency->report(last + 76 * kSecond).recent->count, std::uint64_t{1});
  CHECK_EQ(latency->report(last + 76 * kSecond).recent->max_ns, std::int64_t{7'000'000});
}

TEST("a frame is found by its time in any order, once for its units and as often as wanted for sinks") {
  std::mt19937 random(3);
  const auto latency = std::make_unique<FrameLatency>();
  std::int64_t pts_ns = 0;
  for (int round = 0; round < 50; ++round) {
    std::vector<std::pair<std::int64_t, std::int64_t>> frames;  // pts, put
    for (std::size_t n = 0; n < 1 + random() % FrameLatency::kFrames; ++n) {
      pts_ns += 1 + random() % 100'000'000;  // a nanosecond apart, where times were nudged
      const auto put_ns = static_cast<std::int64_t>(random());
      latency->pushed(pts_ns, put_ns, put_ns + 10'000);
      frames.emplace_back(pts_ns, put_ns);
    }
    std::shuffle(frames.begin(), frames.end(), random);
    for (const auto& [pts, put] : frames) {
      CHECK(latency->find(pts + 1) == nullptr || latency->find(pts + 1)->pts_ns == pts + 1);
      FrameLatency::Frame* frame = latency->find(pts);
      CHECK(frame != nullptr && !frame->has_unit);
      if (frame == nullptr) continue;
      CHECK_EQ(latency->encoded(frame, put + 50'000).value_or(-1), put);
      CHECK(latency->find(pts)->has_unit);
      latency->sent(*latency->find(pts), put + 90'000);
    }
  }
  const FrameLatencyReport report = latency->report(0);
  CHECK_EQ(report.encoded.since_start->count, report.pushed.since_start->count);
  CHECK_EQ(report.pushed.since_start->max_ns, std::int64_t{10'000});
  CHECK_EQ(report.encoded.since_start->max_ns, std::int64_t{50'000});
  CHECK_EQ(report.sent.since_start->max_ns, std::int64_t{90'000});
  CHECK_EQ(report.unmatched_units, std::uint64_t{0});
}

TEST("what no frame is known for is counted, and a frame that was overtaken is not mistaken for another") {
  const auto latency = std::make_unique<FrameLatency>();
  CHECK(latency->find(0) == nullptr);
  CHECK(!latency->encoded(nullptr, 1'000));
  constexpr auto remembered = static_cast<std::int64_t>(FrameLatency::kFrames);
  for (std::int64_t n = 0; n < remembered + 10; ++n) latency->pushed(n * 1000, n, n);
  for (std::int64_t n = 0; n < 10; ++n) CHECK(latency->find(n * 1000) == nullptr);
  for (std::int64_t n = 10; n < remembered + 10; ++n) CHECK_EQ(latency->find(n * 1000)->put_ns, n);
  CHECK(latency->find(-1) == nullptr);
  CHECK(latency->find(remembered * 1'000'000) == nullptr);
  const FrameLatencyReport report = latency->report(0);
  CHECK_EQ(report.unmatched_units, std::uint64_t{1});
  CHECK(!report.encoded.since_start && !report.encoded.recent);
}
