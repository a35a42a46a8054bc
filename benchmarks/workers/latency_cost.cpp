// What measuring the latency costs: nanoseconds per frame, and per look.
//
//   latency_cost EVICTED_BYTES     medians: a frame hot, a frame cold, a report
//
// A frame is measured as the lane and one output do it, without the locks, which they hold anyway: four looks at the
// clock, one entry, one search, three records. Cold: between two frames so much other memory was written, as a frame's
// pixels are. Look: everything that stats() reads of one output.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <vector>

#include "lane/frame_latency.h"

using namespace skyline;

namespace {

struct Measured {
  FrameLatency lane;
  Latency output;

  void frame(std::int64_t number) {
    const std::int64_t put_ns = latency_clock_ns();
    lane.pushed(number * 33'333'333, put_ns, latency_clock_ns());
    // As deep as an encoder with B-frames looks.
    const std::int64_t unit = number < 8 ? number : number - (number % 2 == 0 ? 6 : 8);
    FrameLatency::Frame* found = lane.find(unit * 33'333'333);
    const auto known_ns = lane.encoded(found, latency_clock_ns());
    if (!known_ns) std::abort();
    const std::int64_t now_ns = latency_clock_ns();
    output.record(now_ns - *known_ns, now_ns);
  }
};

template <typename Call>
double median_ns(int rounds, int calls, Call call) {
  std::vector<double> all;
  for (int round = 0; round < rounds; ++round) {
    const std::int64_t before_ns = latency_clock_ns();
    for (int n = 0; n < calls; ++n) call();
    all.push_back(static_cast<double>(latency_clock_ns() - before_ns) / calls);
  }
  std::sort(all.begin(), all.end());
  return all[all.size() / 2];
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: latency_cost EVICTED_BYTES\n");
    return 2;
  }
  std::vector<unsigned char> pixels(std::strtoull(argv[1], nullptr, 10));
  const auto measured = std::make_unique<Measured>();
  std::int64_t number = 0;
  const double clock_ns = median_ns(1000, 1000, [] { latency_clock_ns(); });
  const double hot_ns = median_ns(1000, 1000, [&] { measured->frame(number++); });

  std::vector<double> cold;
  for (int n = 0; n < 300; ++n) {
    for (auto& pixel : pixels) ++pixel;
    cold.push_back(median_ns(1, 1, [&] { measured->frame(number++); }) - clock_ns);
  }
  std::sort(cold.begin(), cold.end());

  std::uint64_t seen = 0;
  const double look_ns = median_ns(1000, 100, [&] {
    const std::int64_t now_ns = latency_clock_ns();
    seen += measured->lane.report(now_ns).encoded.since_start->count + measured->output.report(now_ns).recent->count;
  });
  if (seen == 0) return 1;
  std::printf("%.0f %.0f %.0f\n", hot_ns, cold[cold.size() / 2], look_ns);
  return 0;
}
