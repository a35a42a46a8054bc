// One encode, many outputs: frames go in by three doors, and every way it ends is bounded and counted.
#include <atomic>
#include <thread>

#include "check.h"
#include "lanes.h"
#include "recording.h"
#include "report/errors.h"
#include "stage.h"
#include "stalled_pipe.h"

using namespace skyline;

namespace {

constexpr FrameSize kSize{160, 120};

Recipe waiting_recipe(const std::string& kind, const std::string& path) {
  Recipe recipe = file_recipe(kind, path);
  recipe.waits = true;
  return recipe;
}

bool counts_add_up(const LaneStats& stats) { return stats.intake.frames.frames_in == sum(stats.intake.frames); }

}  // namespace

TEST("put, lend and acquire in one stream: every frame once, in order, in the file") {
  const Folder folder;
  const auto lane = broadcast();
  lane->add_output(waiting_recipe("mp4", folder / "a.mp4"));
  lane->start(kSize, x264());
  for (int n = 0; n < 60; ++n) {
    const auto frame = std::make_shared<NumberedFrame>(n);
    const bool taken = n % 3 == 0   ? put(lane->intake(), *frame)
                       : n % 3 == 1 ? lend(lane->intake(), frame)
                                    : acquire(lane->intake(), *frame);
    CHECK(taken);
    CHECK(counts_add_up(lane->stats()));
  }
  CHECK(stop(*lane));
  const LaneStats stats = lane->stats();
  CHECK_EQ(stats.intake.frames.frames_encoded, std::uint64_t{60});
  CHECK_EQ(stats.intake.frames.frames_in_flight, std::uint64_t{0});
  CHECK_EQ(stats.key_units, std::uint64_t{1});
  CHECK(stop(*lane));  // again: the first one's answer
  const Recording found = read_recording(folder / "a.mp4");
  CHECK_SAY(found.is_exactly(0, 59), found.text());
  ReleaseQueue::instance().drain();
  CHECK_EQ(ReleaseQueue::live(), std::size_t{0});
}

TEST("odd sizes come out even, with the edge repeated") {
  const Folder folder;
  const auto lane = broadcast();
  lane->add_output(waiting_recipe("mkv", folder / "odd.mkv"));
  lane->start({161, 121}, x264());
  for (int n = 0; n < 10; ++n) CHECK(put(lane->intake(), NumberedFrame(n, 161, 121)));
  CHECK(stop(*lane));
  const Recording found = read_recording(folder / "odd.mkv", 162, 122);
  CHECK_SAY(found.is_exactly(0, 9), found.text());
}

TEST("before start and after stop every door is shut, with words") {
  const auto lane = broadcast();
  CHECK_THROWS(put(lane->intake(), NumberedFrame()), StateError);
  CHECK_THROWS(lend(lane->intake(), std::make_shared<NumberedFrame>()), StateError);
  CHECK_THROWS(lane->intake().acquire(), StateError);
  lane->start(kSize, x264());
  const auto slot = lane->intake().acquire();
  lane->force_keyframe();
  CHECK(stop(*lane));
  CHECK_THROWS(put(lane->intake(), NumberedFrame()), StateError);
  CHECK_THROWS(lend(lane->intake(), std::make_shared<NumberedFrame>()), StateError);
  CHECK_THROWS(lane->intake().acquire(), StateError);
  CHECK_THROWS(lane->intake().commit(*slot, {}, Deadline::in_seconds(1), {}), StateError);
  lane->force_keyframe();
  ReleaseQueue::instance().drain();
  CHECK_EQ(ReleaseQueue::live(), std::size_t{0});
}

TEST("a time that no clock can hold is refused, and the stream goes on") {
  const auto lane = broadcast();
  lane->start(kSize, x264());
  const NumberedFrame frame;
  for (const std::int64_t pts_ns :
       {std::int64_t{-1}, std::numeric_limits<std::int64_t>::max(), std::numeric_limits<std::int64_t>::min()}) {
    CHECK_THROWS(lane->intake().put(frame.layout(), pts_ns, Deadline::in_seconds(1), {}), FrameError);
  }
  CHECK(lane->intake().put(frame.layout(), std::int64_t{1} << 62, Deadline::in_seconds(1), {}));
  CHECK(put(lane->intake(), frame));
  CHECK(stop(*lane));
}

TEST("200 starts and stops leave no thread and no descriptor behind") {
  const Folder folder;
  int threads_before = 0, files_before = 0;
  for (int n = 0; n < 200; ++n) {
    if (n == 10) {
      threads_before = threads();
      files_before = open_files();
    }
    const auto lane = broadcast();
    lane->add_output(waiting_recipe("mp4", folder / "a.mp4"));
    if (n % 5 == 4) continue;  // never started, never stopped
    lane->start(kSize, x264());
    for (int frame = 0; frame < 3; ++frame) CHECK(put(lane->intake(), NumberedFrame(frame)));
    if (n % 5 != 3) CHECK(stop(*lane));  // else: the last owner just lets go
  }
  CHECK(soon([&] { return threads() <= threads_before && open_files() <= files_before; }));
}

TEST("one output fails, the other is complete") {
  const Folder folder;
  const auto lane = broadcast();
  const auto broken = lane->add_output(waiting_recipe("mkv", "/dev/full"));
  const auto steady = lane->add_output(waiting_recipe("mp4", folder / "steady.mp4"));
  lane->start(kSize, x264());
  for (int n = 0; n < 90; ++n) CHECK(put(lane->intake(), NumberedFrame(n)));
  CHECK(soon([&] { return broken->state() == Output::State::failed; }));
  CHECK(!lane->failure().happened());
  CHECK(!stop(*lane));
  CHECK(steady->state() == Output::State::stopped);
  CHECK(adds_up(broken->stats()) && adds_up(steady->stats()));
  CHECK_EQ(steady->stats().units_sent, std::uint64_t{90});
  CHECK_EQ(steady->stats().latency.since_start->count, std::uint64_t{90});
  CHECK(broken->stats().latency.since_start.value_or(LatencySummary{}).count <= broken->stats().units_sent);
  const Recording found = read_recording(folder / "steady.mp4");
  CHECK_SAY(found.is_exactly(0, 89), found.text());
}

TEST("the last output's failure wakes a waiting put") {
  const Folder folder;
  StalledPipe pipe(folder / "pipe");
  const auto lane = broadcast();
  Recipe recipe = waiting_recipe("h264", folder / "pipe");
  recipe.bounds = {3, 0};
  lane->add_output(recipe);
  lane->start(kSize, x264());
  std::atomic<int> taken{0};
  std::string said;
  SteadyClock::time_point woke;
  std::thread putter([&] {
    try {
      for (int n = 0; n < 4000; ++n) taken += put(lane->intake(), NumberedFrame(n, 160, 120, true), 30) ? 1 : 0;
    } catch (const PipelineError& error) {
      woke = SteadyClock::now();
      said = error.what();
    }
  });
  int before = -1;
  CHECK(soon([&] {
    const int last = std::exchange(before, taken.load());
    std::this_thread::sleep_for(std::chrono::milliseconds(150));
    return taken > 0 && last == taken;  // no longer moving: the pipe is full, and every queue behind it
  }));
  const auto failed_at = SteadyClock::now();
  pipe.close_reader();
  putter.join();
  CHECK_SAY(said.find("filesink") != std::string::npos, said);
  CHECK(woke - failed_at < std::chrono::milliseconds(500));
  CHECK(!stop(*lane));
  CHECK(counts_add_up(lane->stats()));
  CHECK_EQ(lane->stats().intake.frames.frames_in_flight, std::uint64_t{0});
}

TEST("stop with stalled sinks returns in time, and what was left behind is counted") {
  const Folder folder;
  const StalledPipe first(folder / "first");
  const StalledPipe second(folder / "second");
  const auto lane = broadcast();
  const unsigned before = abandoned_pipelines();
  for (const char* name : {"first", "second"}) {
    Recipe recipe = file_recipe("h264", folder / name);
    recipe.bounds = {25, 0};
    lane->add_output(recipe);
  }
  lane->start(kSize, x264());
  for (int n = 0; n < 100; ++n) CHECK(put(lane->intake(), NumberedFrame(n, 160, 120, true)));
  const double took = seconds_of([&] { CHECK(!stop(*lane, 0.5)); });
  CHECK_SAY(took < 2.5, std::to_string(took));
  CHECK_EQ(abandoned_pipelines(), before + 2);
  CHECK(counts_add_up(lane->stats()));
}

TEST("eight threads put into one stream") {
  const Folder folder;
  const auto lane = broadcast();
  lane->add_output(waiting_recipe("mkv", folder / "eight.mkv"));
  lane->start(kSize, x264());
  std::atomic<int> taken{0};
  std::atomic<bool> looking{true};
  std::thread looker([&] {
    while (looking) {
      CHECK(counts_add_up(lane->stats()));
      try {
        lane->force_keyframe();
      } catch (const StateError&) {
        CHECK_EQ(taken.load(), 240);  // stopped, and not before
      }
      lane->events().pop(std::chrono::milliseconds(1));
    }
  });
  std::vector<std::thread> putters;
  for (int thread = 0; thread < 8; ++thread) {
    putters.emplace_back([&] {
      for (int n = 0; n < 30; ++n) {
        const auto frame = std::make_shared<NumberedFrame>(n);
        const bool ok = n % 3 == 0   ? put(lane->intake(), *frame)
                        : n % 3 == 1 ? lend(lane->intake(), frame)
                                     : acquire(lane->intake(), *frame);
        taken += ok ? 1 : 0;
      }
    });
  }
  for (auto& putter : putters) putter.join();
  CHECK(stop(*lane));
  looking = false;
  looker.join();
  CHECK_EQ(taken.load(), 240);
  CHECK_EQ(lane->stats().intake.frames.frames_encoded, std::uint64_t{240});
  CHECK_EQ(lane->stats().intake.nudged_times, std::uint64_t{0});
  const Recording found = read_recording(folder / "eight.mkv");
  CHECK_SAY(found.packets == 240 && found.complaints.empty(), found.text());
}

TEST("stop against put: whoever was put and not written is counted, and every call ends") {
  for (int round = 0; round < 40; ++round) {
    const auto lane = broadcast(offline(round % 2 == 0 ? Leaky::none : Leaky::downstream));
    Recipe null;
    null.name = "null";
    null.chain = {{"fakesink", {{"async", false}}, {}, ""}};
    null.waits = true;
    null.bounds = {30, 0};
    lane->add_output(null);
    lane->start(kSize, x264());
    std::atomic<int> refused{0};
    std::vector<std::thread> putters;
    for (int thread = 0; thread < 4; ++thread) {
      putters.emplace_back([&, thread] {
        try {
          const auto frame = std::make_shared<NumberedFrame>(thread);
          while (true) {
            if (thread % 2 == 0) {
              put(lane->intake(), *frame);
            } else {
              lend(lane->intake(), frame);
            }
          }
        } catch (const StateError&) {
          ++refused;
        }
      });
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(round % 8));
    std::thread other([&] { CHECK(stop(*lane)); });
    CHECK(stop(*lane));
    other.join();
    for (auto& putter : putters) putter.join();
    CHECK_EQ(refused.load(), 4);
    const LaneStats stats = lane->stats();
    CHECK(counts_add_up(stats));
    CHECK_EQ(stats.intake.frames.frames_in_flight, std::uint64_t{0});
  }
  ReleaseQueue::instance().drain();
  CHECK_EQ(ReleaseQueue::live(), std::size_t{0});
}

TEST("an encoder that gives more units than frames keeps the counts whole") {
  const auto lane = broadcast();
  EncoderSettings slices = x264();  // a unit per NAL: parameter sets count too
  slices.chain.back().properties = {{"caps", std::string("video/x-h264,stream-format=byte-stream,alignment=nal")}};
  lane->start(kSize, slices);
  for (int n = 0; n < 60; ++n) {
    CHECK(put(lane->intake(), NumberedFrame(n)));
    CHECK(lane->stats().intake.frames.frames_in_flight <= 60);
  }
  CHECK(stop(*lane));
  CHECK_EQ(lane->stats().intake.frames.frames_in, std::uint64_t{60});
  CHECK(counts_add_up(lane->stats()));
}

TEST("an encoder that does not exist or refuses says so in start, and stop still works") {
  EncoderSettings missing = x264();
  missing.chain.front().factory = "no-such-encoder";
  const auto lane = broadcast();
  CHECK_THROWS(lane->start(kSize, missing), MissingElementError);
  CHECK(stop(*lane));
  EncoderSettings wrong = x264();
  wrong.chain.front().properties.emplace_back("no-such", true);
  CHECK_THROWS(broadcast()->start(kSize, wrong), SinkError);
}

TEST("after stop no output is taken on") {
  const Folder folder;
  const auto lane = broadcast();
  lane->start(kSize, x264());
  CHECK(put(lane->intake(), NumberedFrame()));
  CHECK(stop(*lane));
  CHECK_THROWS(lane->add_output(file_recipe("mp4", folder / "late.mp4")), StateError);
  CHECK(!std::filesystem::exists(folder / "late.mp4"));
}

TEST("an output may be held longer than its stream, also one that is stuck") {
  for (const bool removed : {true, false}) {
    const Folder folder;
    StalledPipe pipe(folder / "pipe");
    std::vector<std::shared_ptr<Output>> held;
    {
      const auto lane = broadcast();
      Recipe recipe = file_recipe("h264", folder / "pipe");
      recipe.bounds = {25, 0};
      held.push_back(lane->add_output(recipe));
      held.push_back(lane->add_output(file_recipe("mp4", folder / "a.mp4")));
      lane->start(kSize, x264());
      for (int n = 0; n < 100; ++n) CHECK(put(lane->intake(), NumberedFrame(n, 160, 120, true)));
      if (removed) CHECK(!lane->remove_output(held.front(), Deadline::in_seconds(0.1), {}));
    }
    pipe.close_reader();  // the thread left behind comes home, and reports
    CHECK(soon([&] { return held.front()->state() == Output::State::failed; }));
    for (const auto& output : held) CHECK(adds_up(output->stats()));
  }
}

TEST("eight stalled sinks: stop is bounded, and nothing touches the stream afterwards") {
  const Folder folder;
  std::vector<std::unique_ptr<StalledPipe>> pipes;
  auto lane = broadcast();
  for (const char* name : {"a", "b", "c", "d", "e", "f", "g", "h"}) {
    pipes.push_back(std::make_unique<StalledPipe>(folder / name));
    Recipe recipe = file_recipe("h264", folder / name);
    recipe.bounds = {25, 0};
    lane->add_output(recipe);
  }
  const auto steady = lane->add_output(file_recipe("mp4", folder / "steady.mp4"));
  lane->start(kSize, x264());
  for (int n = 0; n < 100; ++n) CHECK(put(lane->intake(), NumberedFrame(n, 160, 120, true)));
  const unsigned before = abandoned_pipelines();
  const double took = seconds_of([&] { CHECK(!stop(*lane, 0.5)); });
  // What finish promises is its deadline and 1.5 s; one after the other they took 4.5 s.
  CHECK_SAY(took < 2.5, std::to_string(took));
  CHECK_EQ(abandoned_pipelines(), before + 8);
  CHECK(steady->state() == Output::State::stopped);
  CHECK_EQ(steady->stats().units_dropped, std::uint64_t{0});
  lane.reset();
  pipes.clear();
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
}
