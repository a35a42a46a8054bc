// The bounded queue before an appsrc: nothing uncounted, no wait without an end.
#include <atomic>
#include <thread>

#include "check.h"
#include "gated_pipeline.h"
#include "lane/frame_queue.h"
#include "report/errors.h"
#include "stage.h"

using namespace skyline;

namespace {

constexpr unsigned kMaxBuffers = 4;
// With the gate shut: one buffer at it and two in the appsrc.
constexpr unsigned kBeyondQueue = 3;

std::uint64_t sum(const FrameCounters& counters) {
  std::uint64_t total = counters.frames_encoded + counters.frames_in_flight;
  for (const auto count : counters.frames_dropped) total += count;
  return total;
}

std::uint64_t dropped(const FrameCounters& counters, DropReason reason) {
  return counters.frames_dropped[static_cast<std::size_t>(reason)];
}

// A queue that feeds a gated pipeline, as a lane has it.
struct Fed {
  explicit Fed(Leaky leaky) : queue(std::make_unique<FrameQueue>(leaky, kMaxBuffers, pipeline.failure)) {
    pipeline.failure->on_latch([this] { queue->close(DropReason::failed); });
    pipeline.on_buffer = [this](GstBuffer*) { queue->note_encoded(); };
    queue->connect(std::make_unique<AppSource>(pipeline.source(), false, [this] { queue->pump(); }));
    pipeline.play();
  }
  ~Fed() {
    pipeline.stop();
    queue->disconnect();
  }
  Fed(const Fed&) = delete;

  bool put(std::int64_t pts_ns, double timeout_s = 10, const Interrupt& interrupt = {}) {
    const Deadline deadline = Deadline::in_seconds(timeout_s);
    if (!queue->take_turn(deadline, interrupt)) {
      queue->count_dropped(DropReason::timeout);
      return false;
    }
    bool taken = false;
    try {
      taken = queue->wait_for_room(deadline, interrupt);
      if (taken) taken = push(pts_ns);
    } catch (...) {
      queue->release_turn();
      throw;
    }
    queue->release_turn();
    return taken;
  }
  bool push(std::int64_t pts_ns) {
    BufferPtr buffer = BufferPtr::adopt(gst_buffer_new_allocate(nullptr, 16, nullptr));
    GST_BUFFER_PTS(buffer.get()) = static_cast<GstClockTime>(pts_ns);
    return queue->push(std::move(buffer), caps, latency_clock_ns());
  }
  // Shuts the gate and puts as many as fit; then the next has to wait.
  void fill() {
    pipeline.shut();
    put(0);
    CHECK(soon([&] { return pipeline.arrived() == 1; }));
    for (std::int64_t n = 1; n < kBeyondQueue + kMaxBuffers; ++n) put(n);
    CHECK_EQ(queue->counters().level_buffers, std::size_t{kMaxBuffers});
  }

  GatedPipeline pipeline;
  CapsPtr caps = CapsPtr::adopt(gst_caps_new_empty_simple("application/x-test"));
  std::unique_ptr<FrameQueue> queue;
};

template <typename Call>
double seconds(Call call) {
  const auto begin = SteadyClock::now();
  call();
  return std::chrono::duration<double>(SteadyClock::now() - begin).count();
}

// How long the slowest of some waiting calls outlived the event that ends its wait, and that each threw.
template <typename Exception, typename Event>
double slowest_to_wake(Fed& fed, Event event) {
  std::atomic<int> waiting{0}, woken{0};
  std::vector<std::thread> threads;
  SteadyClock::time_point at;
  std::atomic<std::int64_t> slowest_ns{0};
  for (int n = 0; n < 4; ++n) {
    threads.emplace_back([&] {
      ++waiting;
      try {
        fed.put(1000, 30);
      } catch (const Exception&) {
        ++woken;
      }
      const std::int64_t took = (SteadyClock::now().time_since_epoch()).count();
      std::int64_t slowest = slowest_ns.load();
      while (took > slowest && !slowest_ns.compare_exchange_weak(slowest, took)) {
      }
    });
  }
  soon([&] { return waiting == 4; });
  std::this_thread::sleep_for(std::chrono::milliseconds(60));
  at = SteadyClock::now();
  event();
  for (auto& thread : threads) thread.join();
  CHECK_EQ(woken.load(), 4);
  return static_cast<double>(slowest_ns.load() - at.time_since_epoch().count()) / 1e9;
}

BusError some_error() {
  BusError error;
  error.element = "filesink";
  error.message = "disk full";
  return error;
}

}  // namespace

TEST("eight threads: the sum is right at every look, and nothing is lost or invented") {
  for (const Leaky leaky : {Leaky::none, Leaky::upstream, Leaky::downstream}) {
    Fed fed(leaky);
    constexpr int kEach = 400;
    std::atomic<bool> looking{true};
    std::thread looker([&] {
      while (looking) {
        const FrameCounters counters = fed.queue->counters();
        CHECK_EQ(counters.frames_in, sum(counters));
        CHECK(counters.frames_in_flight <= counters.frames_in);
        CHECK(counters.level_buffers <= kMaxBuffers);
      }
    });
    std::atomic<std::int64_t> clock{0};
    std::atomic<int> taken{0};
    std::vector<std::thread> threads;
    for (int n = 0; n < 8; ++n) {
      threads.emplace_back([&] {
        for (int i = 0; i < kEach; ++i) taken += fed.put(clock++) ? 1 : 0;
      });
    }
    for (auto& thread : threads) thread.join();
    fed.queue->end_of_frames();
    CHECK(fed.pipeline.wait_eos());
    looking = false;
    looker.join();
    const FrameCounters counters = fed.queue->counters();
    CHECK_EQ(counters.frames_in, std::uint64_t{8 * kEach});
    CHECK_EQ(counters.frames_in_flight, std::uint64_t{0});
    CHECK_EQ(counters.frames_encoded, static_cast<std::uint64_t>(fed.pipeline.times().size()));
    if (leaky == Leaky::none) CHECK_EQ(counters.frames_encoded, std::uint64_t{8 * kEach});
    if (leaky == Leaky::upstream) CHECK_EQ(counters.frames_encoded, static_cast<std::uint64_t>(taken.load()));
    CHECK_EQ(dropped(counters, DropReason::timeout) + dropped(counters, DropReason::stopped) +
                 dropped(counters, DropReason::failed),
             std::uint64_t{0});
  }
}

TEST("full and upstream: the new frame goes, at once") {
  Fed fed(Leaky::upstream);
  fed.fill();
  CHECK(seconds([&] {
          for (int n = 0; n < 10; ++n) CHECK(!fed.put(100 + n));
        }) < 1);
  CHECK_EQ(dropped(fed.queue->counters(), DropReason::queue_full), std::uint64_t{10});
  fed.queue->end_of_frames();
  fed.pipeline.open();
  CHECK(fed.pipeline.wait_eos());
  CHECK(fed.pipeline.times() == (std::vector<std::int64_t>{0, 1, 2, 3, 4, 5, 6}));
}

TEST("full and downstream: the oldest goes, the newest arrives") {
  Fed fed(Leaky::downstream);
  fed.fill();
  for (int n = 0; n < 10; ++n) CHECK(fed.put(100 + n));
  CHECK_EQ(dropped(fed.queue->counters(), DropReason::queue_full), std::uint64_t{10});
  fed.queue->end_of_frames();
  fed.pipeline.open();
  CHECK(fed.pipeline.wait_eos());
  CHECK(fed.pipeline.times() == (std::vector<std::int64_t>{0, 1, 2, 106, 107, 108, 109}));
}

TEST("full and not leaky: waits for room, to its deadline and no longer") {
  Fed fed(Leaky::none);
  fed.fill();
  const double waited = seconds([&] { CHECK(!fed.put(100, 0.2)); });
  CHECK_SAY(waited >= 0.2 && waited < 0.4, std::to_string(waited));
  CHECK(seconds([&] { CHECK(!fed.put(100, 0)); }) < 0.05);
  CHECK_EQ(dropped(fed.queue->counters(), DropReason::timeout), std::uint64_t{2});
  std::thread opener([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    fed.pipeline.open();
  });
  CHECK(fed.put(7));
  opener.join();
  fed.queue->end_of_frames();
  CHECK(fed.pipeline.wait_eos());
  CHECK(fed.pipeline.times() == (std::vector<std::int64_t>{0, 1, 2, 3, 4, 5, 6, 7}));
}

TEST("close, a failure and the end wake every waiting call within 100 ms") {
  {
    Fed fed(Leaky::none);
    fed.fill();
    const double took = slowest_to_wake<StateError>(fed, [&] { fed.queue->close(DropReason::stopped); });
    CHECK_SAY(took < 0.1, std::to_string(took));
    CHECK_EQ(dropped(fed.queue->counters(), DropReason::stopped), std::uint64_t{kMaxBuffers});
  }
  {
    Fed fed(Leaky::none);
    fed.fill();
    const double took = slowest_to_wake<PipelineError>(fed, [&] { fed.pipeline.failure->latch(some_error()); });
    CHECK_SAY(took < 0.1, std::to_string(took));
    CHECK_EQ(dropped(fed.queue->counters(), DropReason::failed), std::uint64_t{kMaxBuffers});
    CHECK_THROWS(fed.queue->refuse_unless_open(), PipelineError);
  }
  {
    Fed fed(Leaky::none);
    fed.fill();
    const double took = slowest_to_wake<StateError>(fed, [&] { fed.queue->end_of_frames(); });
    CHECK_SAY(took < 0.1, std::to_string(took));
    fed.pipeline.open();
    CHECK(fed.pipeline.wait_eos());  // what was queued before the end still comes through
    CHECK_EQ(fed.queue->counters().frames_encoded, std::uint64_t{kMaxBuffers + kBeyondQueue});
    CHECK_THROWS(fed.queue->refuse_unless_open(), StateError);
  }
}

TEST("an error on the bus of the pipeline wakes a waiting call too") {
  Fed fed(Leaky::none);
  fed.fill();
  const double took = slowest_to_wake<PipelineError>(
      fed, [&] { GST_ELEMENT_ERROR(fed.pipeline.source(), RESOURCE, WRITE, ("disk full"), ("for the test")); });
  CHECK_SAY(took < 0.1, std::to_string(took));
}

TEST("a frame that comes when all is over is refused by push, and counted") {
  Fed fed(Leaky::none);
  CHECK(fed.queue->take_turn(Deadline::in_seconds(1), {}));  // put has its turn, and is converting
  fed.queue->close(DropReason::stopped);
  CHECK(!fed.push(0));
  fed.queue->release_turn();
  FrameCounters counters = fed.queue->counters();
  CHECK_EQ(dropped(counters, DropReason::stopped), std::uint64_t{1});
  CHECK_EQ(counters.frames_in_flight, std::uint64_t{0});

  Fed ended(Leaky::none);
  CHECK(ended.queue->take_turn(Deadline::in_seconds(1), {}));
  ended.queue->end_of_frames();  // EOS has gone: nothing may follow it
  CHECK(!ended.push(0));
  ended.queue->release_turn();
  counters = ended.queue->counters();
  CHECK_EQ(counters.frames_in, std::uint64_t{1});
  CHECK_EQ(dropped(counters, DropReason::stopped), std::uint64_t{1});
  CHECK(ended.pipeline.wait_eos());
  CHECK(ended.pipeline.times().empty());
}

TEST("an interrupt is asked about every 50 ms, and what it throws ends the wait and frees the turn") {
  Fed fed(Leaky::none);
  fed.fill();
  int asked = 0;
  CHECK(!fed.put(100, 0.5, [&] { ++asked; }));
  CHECK_SAY(asked >= 5 && asked <= 11, std::to_string(asked));
  struct CtrlC {};
  CHECK_THROWS(fed.put(100, 10, [] { throw CtrlC(); }), CtrlC);
  const FrameCounters counters = fed.queue->counters();
  CHECK_EQ(counters.frames_in, sum(counters));
  fed.pipeline.open();
  CHECK(fed.put(101));
}

TEST("more units than frames never makes the count in flight wrap around") {
  Fed fed(Leaky::none);
  CHECK(fed.put(0));
  CHECK(soon([&] { return fed.queue->counters().frames_encoded == 1; }));
  fed.queue->note_encoded();  // an encoder's extra unit
  CHECK_EQ(fed.queue->counters().frames_in_flight, std::uint64_t{0});
  CHECK(fed.put(1));
  CHECK(soon([&] { return fed.pipeline.times().size() == 2; }));
  fed.queue->close(DropReason::stopped);
  fed.queue->drop_in_flight(DropReason::stopped);
  const FrameCounters counters = fed.queue->counters();
  CHECK_EQ(counters.frames_in, sum(counters));
}

TEST("a frame's first unit tells when it was put; further ones and those without a time count for nothing") {
  Fed fed(Leaky::none);
  fed.pipeline.on_buffer = [](GstBuffer*) {};  // what comes out is for the test to say
  const std::int64_t before_ns = latency_clock_ns();
  for (std::int64_t n = 0; n < 3; ++n) CHECK(fed.put(n * 1000));
  const std::int64_t after_ns = latency_clock_ns();
  CHECK(soon([&] { return fed.pipeline.times().size() == 3; }));
  for (const std::int64_t pts_ns : {2000, 0, 1000}) {  // as with B-frames
    CHECK(!fed.queue->note_encoded(-1));
    const auto put_ns = fed.queue->note_encoded(pts_ns);
    CHECK(put_ns && before_ns <= *put_ns && *put_ns <= after_ns);
    CHECK(!fed.queue->note_encoded(pts_ns));
  }
  FrameCounters counters = fed.queue->counters();
  CHECK_EQ(counters.frames_encoded, std::uint64_t{3});
  CHECK_EQ(counters.latency.encoded.since_start->count, std::uint64_t{3});
  CHECK(fed.put(3000));
  CHECK(!fed.queue->note_encoded(3001));  // a time that no frame had: a unit all the same
  counters = fed.queue->counters();
  CHECK_EQ(counters.frames_encoded, std::uint64_t{4});
  CHECK_EQ(counters.latency.unmatched_units, std::uint64_t{1});
  CHECK(!fed.queue->note_encoded(7000));  // more than went in
  CHECK_EQ(fed.queue->counters().latency.unmatched_units, std::uint64_t{1});
}

TEST("drop_in_flight accounts for what a pipeline took with it") {
  Fed fed(Leaky::none);
  fed.fill();
  fed.queue->close(DropReason::failed);
  fed.queue->drop_in_flight(DropReason::failed);
  const FrameCounters counters = fed.queue->counters();
  CHECK_EQ(counters.frames_in_flight, std::uint64_t{0});
  CHECK_EQ(dropped(counters, DropReason::failed), std::uint64_t{kMaxBuffers + kBeyondQueue});
}
