// Sinks that stop taking: waiting, dropping, giving up, and what is left behind.
#include <atomic>
#include <list>

#include "check.h"
#include "numbered_lane.h"
#include "output/pipeline_output.h"
#include "recording.h"
#include "stage.h"
#include "stalled_pipe.h"

using namespace skyline;

TEST("waiting loses nothing, however slow the reader") {
  Folder folder;
  Stage stage;
  NumberedLane lane(stage.fan_out);
  Recipe recipe = file_recipe("h264", folder / "pipe");
  StalledPipe pipe(folder / "pipe");
  recipe.waits = true;
  recipe.bounds = {3, 0};
  const auto output = stage.add(recipe);
  lane.push(120, false);
  CHECK(soon([&] { return output->stats().units_queued == 3; }));
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  CHECK(lane.units() < 120);  // stuck behind the reader
  OutputStats stats = output->stats();
  CHECK(adds_up(stats));
  CHECK_EQ(stats.units_dropped, std::uint64_t{0});
  CHECK(soon([&] {
    pipe.read_some(4096);
    return lane.units() == 120;
  }));
  stage.fan_out.remove(output.get());
  // Read on from inside finish(), as nobody else does.
  CHECK(output->finish(Deadline::in_seconds(20), [&] { pipe.read_some(1 << 20); }));
  stats = output->stats();
  CHECK_EQ(stats.units_sent, std::uint64_t{120});
  CHECK_EQ(stats.units_dropped, std::uint64_t{0});
}

TEST("a stalled sink: whole GOPs dropped, the sum is right at every look, the neighbour complete") {
  Folder folder;
  Stage stage;
  LaneOptions options;
  options.encoder = "x264enc tune=zerolatency speed-preset=ultrafast key-int-max=10";
  NumberedLane lane(stage.fan_out, options);
  const auto steady = stage.add(file_recipe("mp4", folder / "steady.mp4"));
  StalledPipe pipe(folder / "pipe");
  Recipe recipe = file_recipe("h264", folder / "pipe");
  recipe.bounds = {25, 0};
  const auto stalled = stage.add(recipe);
  std::atomic<bool> looking{true};
  std::atomic<int> looks{0};
  std::thread looker([&] {
    while (looking) {
      CHECK(adds_up(stalled->stats()));
      ++looks;
    }
  });
  for (int n = 0; n < 250; ++n) {
    lane.push(1);
    if (n % 50 == 49) std::this_thread::sleep_for(std::chrono::milliseconds(260));  // over a second in all
  }
  looking = false;
  looker.join();
  CHECK(looks > 100);
  const OutputStats stats = stalled->stats();
  CHECK(stats.units_dropped > 50);
  CHECK(stats.units_queued <= 25);
  int dropped_events = 0;
  for (const auto& event : stage.all_events()) dropped_events += event.kind == "dropped" ? 1 : 0;
  CHECK_SAY(dropped_events >= 1 && dropped_events <= 3, std::to_string(dropped_events));

  // Reading again: what follows the gap is a key unit, and the file ends well.
  stage.fan_out.remove(stalled.get());
  CHECK(stalled->finish(Deadline::in_seconds(20), [&] { pipe.read_some(1 << 20); }));
  CHECK(adds_up(stalled->stats()));
  CHECK_EQ(stalled->stats().units_queued, std::uint64_t{0});
  CHECK(stage.remove(steady));
  CHECK(read_recording(folder / "steady.mp4").is_exactly(0, 249));
}

TEST("finish gives up at its deadline, and a sink stuck in the kernel is left behind") {
  Folder folder;
  Stage stage;
  NumberedLane lane(stage.fan_out);
  StalledPipe pipe(folder / "pipe");
  Recipe recipe = file_recipe("h264", folder / "pipe");
  recipe.bounds = {400, 0};
  const auto output = stage.add(recipe);
  lane.push(200);
  const unsigned abandoned_before = abandoned_pipelines();
  const auto begin = SteadyClock::now();
  int interrupts = 0;
  stage.fan_out.remove(output.get());
  CHECK(!output->finish(Deadline::in_seconds(0.5), [&] { ++interrupts; }));
  CHECK(SteadyClock::now() - begin < std::chrono::seconds(2));
  CHECK_SAY(interrupts >= 5, std::to_string(interrupts));
  CHECK(!output->finish(Deadline::in_seconds(5), {}));
  const OutputStats stats = output->stats();
  CHECK(adds_up(stats));
  CHECK_EQ(stats.units_queued, std::uint64_t{0});
  CHECK(stats.units_dropped > 0);
  CHECK_EQ(abandoned_pipelines(), abandoned_before + 1);
  CHECK(output->state() == Output::State::failed);
  CHECK_SAY(output->failure()->error()->message.find("in time") != std::string::npos, output->failure()->error()->message);
  const int stuck = threads();
  pipe.close_reader();  // the write fails, and the thread left behind comes home
  CHECK(soon([&] { return threads() < stuck; }));
}

TEST("an interrupt may throw, and finish may be called again") {
  Folder folder;
  Stage stage;
  NumberedLane lane(stage.fan_out);
  StalledPipe pipe(folder / "pipe");
  const auto output = stage.add(file_recipe("h264", folder / "pipe"));
  lane.push(100);
  stage.fan_out.remove(output.get());
  struct CtrlC {};
  for (int n = 0; n < 3; ++n) CHECK_THROWS(output->finish(Deadline::in_seconds(10), [] { throw CtrlC(); }), CtrlC);
  CHECK(output->state() == Output::State::finishing);
  CHECK(output->finish(Deadline::in_seconds(10), [&] { pipe.read_some(1 << 20); }));
  CHECK_EQ(output->stats().units_sent, std::uint64_t{100});
}

TEST("finish from another thread lets go of a consumer that waits") {
  Folder folder;
  Stage stage;
  NumberedLane lane(stage.fan_out);
  StalledPipe pipe(folder / "pipe");
  Recipe recipe = file_recipe("h264", folder / "pipe");
  recipe.waits = true;
  recipe.bounds = {3, 0};
  const auto output = stage.add(recipe);
  lane.push(120, false);
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  stage.fan_out.remove(output.get());
  CHECK(!output->finish(Deadline::in_seconds(0.2), {}));
  CHECK(soon([&] { return lane.units() == 120; }));
  CHECK(adds_up(output->stats()));
  pipe.close_reader();
}

TEST("a unit that waits when the end comes is written too") {
  Folder folder;
  Stage stage;
  NumberedLane lane(stage.fan_out);
  StalledPipe pipe(folder / "pipe");
  Recipe recipe = file_recipe("h264", folder / "pipe");
  recipe.waits = true;
  recipe.bounds = {1, 0};
  const auto output = stage.add(recipe);
  lane.push(60, false);
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  stage.fan_out.remove(output.get());
  CHECK(output->finish(Deadline::in_seconds(20), [&] { pipe.read_some(1 << 20); }));
  const OutputStats stats = output->stats();
  CHECK(stats.units_in > 2);
  CHECK_EQ(stats.units_sent, stats.units_in);
  CHECK_EQ(stats.units_dropped, std::uint64_t{0});
}

namespace {

// Parts of three units, each larger than a pipe takes: the first stops the sink, the others wait in
// the appsrc, and so the next part begins although nothing was written.
struct StuckParts {
  explicit StuckParts(unsigned count) : names{folder / "part-", 2, ""}, lane(stage.fan_out, options()) {
    for (unsigned n = 0; n < count; ++n) pipes.emplace_back(names.name(n));
    Recipe recipe = file_recipe("h264", "");
    recipe.parts = names;
    recipe.part_ns = 100'000'000;
    output = stage.add(recipe);
    lane.push(static_cast<int>(count) * 3);
  }
  static LaneOptions options() {
    LaneOptions large;
    large.width = 640;
    large.height = 480;
    large.encoder += " pass=quant quantizer=10";  // not held to a bit rate
    return large;
  }
  Folder folder;
  Stage stage;
  PartNames names;
  std::list<StalledPipe> pipes;
  std::shared_ptr<Output> output;
  NumberedLane lane;
};

}  // namespace

TEST("parts on a disk that stalls: four pipelines and no more, and nothing lost once it moves") {
  StuckParts stuck(10);
  CHECK(soon([&] { return stuck.output->stats().parts == 4; }));
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  CHECK_EQ(stuck.output->stats().parts, 4U);
  CHECK(adds_up(stuck.output->stats()));
  stuck.stage.fan_out.remove(stuck.output.get());
  CHECK(stuck.output->finish(Deadline::in_seconds(20), [&] {
    for (const auto& pipe : stuck.pipes) pipe.read_some(1 << 20);
  }));
  CHECK_EQ(stuck.output->stats().parts, 10U);
  CHECK_EQ(stuck.output->stats().units_sent, std::uint64_t{30});
}

TEST("giving up on several stuck parts takes hardly longer than on one") {
  StuckParts stuck(10);
  CHECK(soon([&] { return stuck.output->stats().parts == 4; }));
  const unsigned abandoned_before = abandoned_pipelines();
  const auto begin = SteadyClock::now();
  CHECK(!stuck.stage.remove(stuck.output, 0));
  CHECK(SteadyClock::now() - begin < std::chrono::milliseconds(1300));
  CHECK_EQ(abandoned_pipelines(), abandoned_before + 4);
  CHECK(adds_up(stuck.output->stats()));
  CHECK_EQ(stuck.output->stats().units_queued, std::uint64_t{0});
  for (auto& pipe : stuck.pipes) pipe.close_reader();
}
