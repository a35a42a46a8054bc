// The last GOPs in memory, and recordings that begin in them: nothing lost, nothing doubled, any number at once.
#include <atomic>
#include <thread>

#include "check.h"
#include "numbered_lane.h"
#include "output/ring_output.h"
#include "recording.h"
#include "stage.h"

using namespace skyline;

namespace {

constexpr std::int64_t kSecond_ns = 1'000'000'000;

std::shared_ptr<RingOutput> add_ring(Stage& stage, std::int64_t least_ns, std::size_t most_bytes = 0) {
  const auto ring = std::make_shared<RingOutput>(RingOutput::Settings{"ring", least_ns, most_bytes},
                                                 OutputContext{stage.time, stage.fan_out, stage.control, stage.events});
  stage.fan_out.add(ring);
  return ring;
}

std::shared_ptr<PipelineOutput> save(Stage& stage, RingOutput& ring, Recipe recipe) {
  recipe.bounds.units += ring.level().units;
  const auto output = stage.make(recipe);
  output->open();
  ring.lead(output);
  return output;
}

Unit unit(std::int64_t pts_ns, bool is_key, std::size_t bytes = 100) {
  Unit made;
  made.buffer = BufferPtr::adopt(gst_buffer_new());
  made.pts_ns = pts_ns;
  made.is_key = is_key;
  made.bytes = bytes;
  return made;
}

LaneOptions short_gops() {
  LaneOptions options;
  options.encoder = "x264enc tune=zerolatency speed-preset=ultrafast key-int-max=15";
  return options;
}

}  // namespace

TEST("whole GOPs are kept, as long as promised and no longer than one GOP more") {
  Stage stage;
  const auto ring = add_ring(stage, 3 * kSecond_ns);
  CHECK(ring->state() == Output::State::connecting);
  stage.fan_out.push(unit(0, false));
  CHECK_EQ(ring->stats().units_in, std::uint64_t{0});
  for (int n = 0; n < 100; ++n) {  // GOPs of one second, ten units
    stage.fan_out.push(unit(n * kSecond_ns / 10, n % 10 == 0));
    const auto kept = ring->level().units;
    CHECK(adds_up(ring->stats()));
    if (n >= 40) CHECK_SAY(kept > 30 && kept <= 41, std::to_string(kept));
    if (n < 30) CHECK_EQ(kept, static_cast<std::size_t>(n + 1));
  }
  CHECK_EQ(ring->stats().units_dropped, std::uint64_t{0});
  CHECK(stage.remove(ring));
  CHECK(ring->state() == Output::State::stopped);
  CHECK_EQ(ring->stats().units_queued, std::uint64_t{0});
  CHECK_EQ(stage.event_kinds(), "started finished");
}

TEST("the bound in bytes goes before the time, and one GOP beyond it leaves nothing but asks for a key unit") {
  Stage stage;
  int asked = 0;
  stage.fan_out.set_key_unit_request([&](std::int64_t) { ++asked; });
  const auto ring = add_ring(stage, 1000 * kSecond_ns, 2500);
  for (int n = 0; n < 60; ++n) {
    stage.fan_out.push(unit(n * kSecond_ns / 10, n % 10 == 0));
    CHECK(ring->level().bytes <= 2500);
  }
  CHECK(ring->stats().units_dropped >= 30);
  CHECK_EQ(asked, 0);
  stage.fan_out.push(unit(60 * kSecond_ns / 10, true, 3000));
  CHECK_EQ(ring->level().units, std::size_t{0});
  CHECK_EQ(asked, 1);
  CHECK(adds_up(ring->stats()));
}

TEST("a save begins with the oldest key unit at time 0 and goes on until it is removed") {
  const Folder folder;
  Stage stage;
  NumberedLane lane(stage.fan_out, short_gops());
  const auto ring = add_ring(stage, kSecond_ns);
  lane.push(100);  // key units at 0, 15, … 90: a second back is 69, in the GOP of 60
  const auto output = save(stage, *ring, file_recipe("mp4", folder / "clip.mp4"));
  lane.push(50);
  CHECK(stage.remove(output));
  lane.push(10);
  const Recording found = read_recording(folder / "clip.mp4");
  CHECK_SAY(found.is_exactly(60, 149), found.text());
  CHECK_SAY(found.start_s == 0 && std::abs(found.end_s - 89 / 30.0) < 0.002, found.text());
  CHECK_EQ(found.keys, 6);  // joining asked for none
}

TEST("saves while frames flow at full speed, side by side and one after the other: each whole") {
  const Folder folder;
  Stage stage;
  LaneOptions options = short_gops();
  NumberedLane lane(stage.fan_out, options);
  const auto ring = add_ring(stage, kSecond_ns);
  std::atomic<bool> flowing{true};
  std::thread pushing([&] {
    while (flowing && lane.frames() < 3600) lane.push(3);
  });
  CHECK(soon([&] { return lane.units() > 60; }));
  std::vector<std::shared_ptr<PipelineOutput>> saved;
  for (int n = 0; n < 12; ++n) {
    Recipe recipe = file_recipe("mkv", folder / ("clip-" + std::to_string(n) + ".mkv"));
    recipe.bounds = {4000, 0};
    saved.push_back(save(stage, *ring, recipe));
    if (n % 3 == 0) CHECK(soon([&] { return saved.back()->stats().units_in > 60; }));
  }
  CHECK(soon([&] { return saved.back()->stats().units_in > 60; }));
  flowing = false;
  pushing.join();
  for (int n = 0; n < 12; ++n) {
    const auto& output = saved[static_cast<std::size_t>(n)];
    CHECK(stage.remove(output));
    CHECK(adds_up(output->stats()) && output->stats().units_dropped == 0);
    const Recording found = read_recording(folder / ("clip-" + std::to_string(n) + ".mkv"));
    CHECK(!found.numbers.empty());
    if (!found.numbers.empty()) CHECK_SAY(found.is_exactly(found.numbers.front(), lane.frames() - 1), found.text());
    CHECK_EQ(output->stats().units_in, static_cast<std::uint64_t>(found.packets));
  }
}

TEST("of an empty or ended ring a save is like any other output; one removed at once is whole too") {
  const Folder folder;
  Stage stage;
  NumberedLane lane(stage.fan_out);
  const auto ring = add_ring(stage, kSecond_ns);
  const auto early = save(stage, *ring, file_recipe("mp4", folder / "early.mp4"));
  lane.push(20);
  CHECK(stage.remove(early));
  CHECK(read_recording(folder / "early.mp4").is_exactly(0, 19));
  const auto brief = save(stage, *ring, file_recipe("mp4", folder / "brief.mp4"));
  CHECK(stage.remove(brief));
  CHECK(read_recording(folder / "brief.mp4").is_exactly(0, 19));
  CHECK(stage.remove(ring));
  const auto late = save(stage, *ring, file_recipe("mp4", folder / "late.mp4"));
  lane.push(20);
  CHECK(stage.remove(late));
  CHECK(read_recording(folder / "late.mp4").is_exactly(20, 39));
}

TEST("a save into parts is cut from the past on") {
  const Folder folder;
  Stage stage;
  NumberedLane lane(stage.fan_out, short_gops());
  const auto ring = add_ring(stage, 2 * kSecond_ns);
  lane.push(75);
  Recipe recipe = file_recipe("mp4", "");
  recipe.parts = PartNames{folder / "part-", 1, ".mp4"};
  recipe.part_ns = kSecond_ns;
  const auto output = save(stage, *ring, recipe);
  lane.push(45);
  CHECK(stage.remove(output));
  for (unsigned n = 0; n < 4; ++n) {
    const Recording found = read_recording(recipe.parts->name(n));
    CHECK_SAY(found.is_exactly(static_cast<int>(n) * 30, static_cast<int>(n) * 30 + 29), found.text());
  }
}
