// One output on a real lane: every container, late comers, removal, and the ends of an output.
#include "check.h"
#include "numbered_lane.h"
#include "output/pipeline_output.h"
#include "recording.h"
#include "stage.h"

using namespace skyline;

TEST("every container, from the first frame: all frames, from time 0") {
  for (const std::string kind : {"mp4", "plain mp4", "mkv", "ts", "h264"}) {
    Folder folder;
    Stage stage;
    NumberedLane lane(stage.fan_out);
    Recipe recipe = file_recipe(kind, folder / "out.bin");
    recipe.waits = true;
    const auto output = stage.add(recipe);
    CHECK(output->state() == Output::State::connecting);
    lane.push(90);
    CHECK(soon([&] { return output->state() == Output::State::live; }));
    CHECK(stage.remove(output));
    CHECK(output->state() == Output::State::stopped);
    CHECK(stage.remove(output));  // again: the same answer
    const Recording found = read_recording(folder / "out.bin");
    CHECK_SAY(found.is_exactly(0, 89), kind + ": " + found.text());
    if (kind != "h264") {
      const double zero_s = kind == "ts" ? 3600 : 0;  // mpegtsmux always adds an hour
      CHECK_SAY(std::abs(found.start_s - zero_s) < 0.001, kind + ": " + found.text());
      CHECK_SAY(std::abs(found.end_s - zero_s - 89 / 30.0) < 0.002, kind + ": " + found.text());
    }
    const OutputStats stats = output->stats();
    CHECK_EQ(stats.units_in, std::uint64_t{90});
    CHECK_EQ(stats.units_sent, std::uint64_t{90});
    CHECK_EQ(stats.parts, 1U);
    CHECK(adds_up(stats));
    CHECK_EQ(stage.event_kinds(), std::string("started finished"));
  }
}

TEST("an output added in mid-stream starts at a key frame and at time 0") {
  for (const std::string kind : {"mp4", "mkv", "ts"}) {
    Folder folder;
    Stage stage;
    NumberedLane lane(stage.fan_out);
    const auto steady = stage.add(file_recipe(kind, folder / "steady.bin"));
    lane.push(210);
    const auto late = stage.add(file_recipe(kind, folder / "late.bin"));
    lane.push(60);
    CHECK(stage.remove(late));
    lane.push(30);
    CHECK(stage.remove(steady));

    const Recording found = read_recording(folder / "late.bin");
    CHECK_SAY(found.is_exactly(210, 269), kind + ": " + found.text());
    const double zero_s = kind == "ts" ? 3600 : 0;
    CHECK_SAY(std::abs(found.start_s - zero_s) < 0.001, kind + ": " + found.text());
    CHECK_SAY(std::abs(found.end_s - zero_s - 59 / 30.0) < 0.002, kind + ": " + found.text());
    const Recording neighbour = read_recording(folder / "steady.bin");
    CHECK_SAY(neighbour.is_exactly(0, 299), kind + ": " + neighbour.text());
    CHECK_EQ(neighbour.keys, 2);
  }
}

TEST("B-frames keep every frame and their order") {
  for (const std::string kind : {"mp4", "mkv", "ts"}) {
    Folder folder;
    Stage stage;
    LaneOptions options;
    options.b_frames = 2;
    options.first_ns = 7'000'000'000;
    options.encoder = "x264enc speed-preset=veryfast rc-lookahead=5 sync-lookahead=0 b-adapt=false key-int-max=30";
    NumberedLane lane(stage.fan_out, options);
    const auto output = stage.add(file_recipe(kind, folder / "b.bin"));
    lane.push(120, false);
    lane.end();
    CHECK(stage.remove(output));
    const Recording found = read_recording(folder / "b.bin");
    CHECK_SAY(found.is_exactly(0, 119), kind + ": " + found.text());
    const double zero_s = kind == "ts" ? 3600 : 0;
    CHECK_SAY(std::abs(found.start_s - zero_s) < 0.001, kind + ": " + found.text());
    CHECK_SAY(std::abs(found.end_s - zero_s - 119 / 30.0) < 0.002, kind + ": " + found.text());
  }
}

TEST("running time as it is where the output does not ask for its own zero") {
  Folder folder;
  Stage stage;
  NumberedLane lane(stage.fan_out);
  lane.push(210);
  Recipe recipe = file_recipe("mkv", folder / "shared.mkv");
  recipe.own_zero = false;
  const auto output = stage.add(recipe);
  lane.push(30);
  CHECK(stage.remove(output));
  const Recording found = read_recording(folder / "shared.mkv");
  CHECK_SAY(found.is_exactly(210, 239), found.text());
  CHECK_SAY(std::abs(found.start_s - 7.0) < 0.002, found.text());
}

TEST("the end of the lane ends its outputs") {
  Folder folder;
  Stage stage;
  NumberedLane lane(stage.fan_out);
  const auto output = stage.add(file_recipe("mp4", folder / "end.mp4"));
  lane.push(45);
  lane.end();
  CHECK(output->finish(Deadline::in_seconds(20), {}));
  CHECK(read_recording(folder / "end.mp4").is_exactly(0, 44));
}

TEST("an output that never got a unit ends without an error") {
  for (const std::string kind : {"mp4", "mkv", "ts"}) {
    Folder folder;
    Stage stage;
    const int files_before = open_files();
    const auto output = stage.add(file_recipe(kind, folder / "empty.bin"));
    CHECK(open_files() > files_before);
    const auto begin = SteadyClock::now();
    CHECK(stage.remove(output));
    CHECK_EQ(open_files(), files_before);
    CHECK(SteadyClock::now() - begin < std::chrono::seconds(1));
    CHECK(!output->failure()->happened());
    CHECK_EQ(stage.event_kinds(), std::string("finished"));
    CHECK_EQ(output->stats().units_in, std::uint64_t{0});
  }
}

TEST("delta units before the first key unit are not counted") {
  Folder folder;
  Stage stage;
  NumberedLane lane(stage.fan_out);
  lane.push(10);
  const auto output = stage.add(file_recipe("mkv", folder / "x.mkv"));
  Unit delta;
  delta.buffer = BufferPtr::adopt(gst_buffer_new_allocate(nullptr, 10, nullptr));
  delta.caps = CapsPtr::adopt(gst_caps_new_empty_simple("video/x-h264"));
  output->consume(delta);
  CHECK_EQ(output->stats().units_in, std::uint64_t{0});
  CHECK(stage.remove(output));
}

TEST("sixteen outputs on one lane, each complete") {
  Folder folder;
  Stage stage;
  NumberedLane lane(stage.fan_out);
  std::vector<std::shared_ptr<Output>> outputs;
  for (int n = 0; n < 16; ++n) outputs.push_back(stage.add(file_recipe(n % 2 == 0 ? "mp4" : "mkv", folder / std::to_string(n))));
  lane.push(60);
  for (const auto& output : outputs) CHECK(stage.remove(output));
  for (int n = 0; n < 16; ++n) {
    const Recording found = read_recording(folder / std::to_string(n));
    CHECK_SAY(found.is_exactly(0, 59), found.text());
  }
}

TEST("odd file names arrive byte for byte") {
  Folder folder;
  Stage stage;
  NumberedLane lane(stage.fan_out);
  std::vector<std::pair<std::string, std::shared_ptr<Output>>> outputs;
  for (const std::string name : {"a b", "quote\"", "tick'", "back\\slash", "bang!bang", "new\nline", "\xff\xfe", "%05d", "x ! filesink location=y"}) {
    const std::string path = folder / name;
    outputs.emplace_back(path, stage.add(file_recipe("ts", path)));
  }
  lane.push(5);
  for (const auto& [path, output] : outputs) {
    CHECK(stage.remove(output));
    CHECK_SAY(std::filesystem::exists(path) && std::filesystem::file_size(path) > 0, path);
  }
}
