// Parts: a successor takes over at a key unit, no frame lost, none doubled, each from time 0.
#include "check.h"
#include "numbered_lane.h"
#include "output/pipeline_output.h"
#include "recording.h"
#include "stage.h"

using namespace skyline;

namespace {

Recipe part_recipe(const std::string& kind, const Folder& folder, std::int64_t part_ns, std::uint64_t part_bytes = 0) {
  Recipe recipe = file_recipe(kind, "");
  recipe.parts = PartNames{folder / "part-", 3, ".bin"};
  recipe.part_ns = part_ns;
  recipe.part_bytes = part_bytes;
  return recipe;
}

std::string part(const Folder& folder, unsigned index) { return PartNames{folder / "part-", 3, ".bin"}.name(index); }

void check_part(const Folder& folder, const std::string& kind, unsigned index, int first, int last) {
  const Recording found = read_recording(part(folder, index));
  const std::string what = kind + " part " + std::to_string(index) + ": " + found.text();
  CHECK_SAY(found.is_exactly(first, last), what);
  const double zero_s = kind == "ts" ? 3600 : 0;
  CHECK_SAY(std::abs(found.start_s - zero_s) < 0.001, what);
  CHECK_SAY(std::abs(found.end_s - zero_s - (last - first) / 30.0) < 0.002, what);
}

std::vector<Event> segments(Stage& stage) {
  std::vector<Event> found;
  for (auto& event : stage.all_events()) {
    CHECK_SAY(event.kind != "failed" && event.kind != "warning", event.message);
    if (event.kind == "segment") found.push_back(event);
  }
  std::sort(found.begin(), found.end(), [](const Event& a, const Event& b) { return a.count < b.count; });
  return found;
}

}  // namespace

TEST("parts of two seconds at GOP 3000 have exactly sixty frames") {
  for (const std::string kind : {"mp4", "plain mp4", "mkv", "ts"}) {
    Folder folder;
    Stage stage;
    NumberedLane lane(stage.fan_out);
    const auto output = stage.add(part_recipe(kind, folder, 2'000'000'000));
    lane.push(330);
    CHECK(stage.remove(output));
    CHECK_EQ(output->stats().parts, 6U);
    CHECK_EQ(output->stats().key_units, std::uint64_t{6});
    CHECK_EQ(output->stats().units_dropped, std::uint64_t{0});
    for (unsigned n = 0; n < 6; ++n) {
      const int first = static_cast<int>(n) * 60;
      check_part(folder, kind, n, first, std::min(first + 59, 329));
    }
    const auto found = segments(stage);
    CHECK_EQ(found.size(), std::size_t{6});
    for (unsigned n = 0; n < found.size(); ++n) {
      CHECK_EQ(found[n].count, std::uint64_t{n});
      CHECK_EQ(found[n].message, part(folder, n));
    }
    CHECK(!std::filesystem::exists(part(folder, 6)));
  }
}

TEST("short parts, one GOP each, from a lane that is far ahead of the disk") {
  Folder folder;
  Stage stage;
  NumberedLane lane(stage.fan_out);
  const auto output = stage.add(part_recipe("mkv", folder, 100'000'000));
  lane.push(150);
  CHECK(stage.remove(output));
  CHECK_EQ(output->stats().parts, 50U);
  for (unsigned n = 0; n < 50; n += 7) check_part(folder, "mkv", n, static_cast<int>(n) * 3, static_cast<int>(n) * 3 + 2);
  CHECK_EQ(segments(stage).size(), std::size_t{50});
}

TEST("parts begin anywhere in the stream, with B-frames too") {
  for (const std::string kind : {"mp4", "mkv"}) {
    Folder folder;
    Stage stage;
    LaneOptions options;
    options.b_frames = 2;
    options.first_ns = 5'012'345'678;
    options.encoder = "x264enc speed-preset=veryfast rc-lookahead=5 sync-lookahead=0 b-adapt=false key-int-max=30";
    NumberedLane lane(stage.fan_out, options);
    Recipe recipe = part_recipe(kind, folder, 1'000'000'000);
    recipe.waits = true;
    const auto output = stage.add(recipe);
    lane.push(120, false);
    lane.end();
    CHECK(stage.remove(output));
    CHECK_EQ(output->stats().parts, 4U);
    for (unsigned n = 0; n < 4; ++n) check_part(folder, kind, n, static_cast<int>(n) * 30, static_cast<int>(n) * 30 + 29);
    CHECK_EQ(segments(stage).size(), std::size_t{4});
  }
}

TEST("parts by bytes: every part reaches its size, and no frame is lost") {
  Folder folder;
  Stage stage;
  NumberedLane lane(stage.fan_out);
  const auto output = stage.add(part_recipe("mkv", folder, 0, 60'000));
  for (int n = 0; n < 150; ++n) lane.push(1);
  CHECK(stage.remove(output));
  const unsigned parts = output->stats().parts;
  CHECK_SAY(parts >= 3, std::to_string(parts));
  int next = 0;
  for (unsigned n = 0; n < parts; ++n) {
    const Recording found = read_recording(part(folder, n));
    CHECK_SAY(found.is_exactly(next, next + found.packets - 1), found.text());
    CHECK_SAY(found.keys == 1, found.text());
    if (n + 1 < parts) CHECK(std::filesystem::file_size(part(folder, n)) >= 60'000);
    next += found.packets;
  }
  CHECK_EQ(next, 150);
}

TEST("a change of size is a cut where the output has parts") {
  for (const std::string kind : {"mp4", "mkv", "ts"}) {
    Folder folder;
    Stage stage;
    NumberedLane lane(stage.fan_out);
    const auto output = stage.add(part_recipe(kind, folder, 0));
    lane.push(45);
    lane.resize(320, 240);
    lane.push(45);
    CHECK(stage.remove(output));
    CHECK_EQ(output->stats().parts, 2U);
    check_part(folder, kind, 0, 0, 44);
    const Recording found = read_recording(part(folder, 1), 320, 240);
    CHECK_SAY(found.is_exactly(45, 89), found.text());
  }
}

TEST("a change of size fails an output of one file, which stays whole") {
  Folder folder;
  Stage stage;
  NumberedLane lane(stage.fan_out);
  const auto output = stage.add(file_recipe("plain mp4", folder / "one.mp4"));
  const auto steady = stage.add(part_recipe("mkv", folder, 0));
  lane.push(45);
  lane.resize(320, 240);
  lane.push(45);
  CHECK(soon([&] { return output->failure()->happened(); }));
  CHECK(output->state() == Output::State::failed);
  CHECK(!stage.remove(output));
  const auto error = output->failure()->error();
  CHECK_EQ(error->domain, std::string("stream"));
  CHECK_SAY(error->message.find("160x120 to 320x240") != std::string::npos, error->message);
  CHECK(adds_up(output->stats()));
  CHECK_EQ(output->stats().units_sent, std::uint64_t{45});
  CHECK_EQ(output->stats().units_dropped, std::uint64_t{45});
  const Recording found = read_recording(folder / "one.mp4");
  CHECK_SAY(found.is_exactly(0, 44), found.text());
  CHECK(stage.remove(steady));
  check_part(folder, "mkv", 0, 0, 44);
}

TEST("a successor that cannot open its file fails the output, and the part before is whole") {
  Folder folder;
  Stage stage;
  NumberedLane lane(stage.fan_out);
  std::filesystem::create_directory(part(folder, 1));  // in the way
  const auto output = stage.add(part_recipe("plain mp4", folder, 1'000'000'000));
  lane.push(70);
  CHECK(soon([&] { return output->failure()->happened(); }));
  lane.push(10);
  CHECK(!stage.remove(output));
  CHECK_EQ(output->failure()->error()->domain, std::string("resource"));
  CHECK_SAY(output->failure()->error()->message.find(part(folder, 1)) != std::string::npos, output->failure()->error()->message);
  check_part(folder, "mp4", 0, 0, 29);
  CHECK(adds_up(output->stats()));
  int failed = 0;
  for (const auto& event : stage.all_events()) failed += event.kind == "failed" ? 1 : 0;
  CHECK_EQ(failed, 1);
}

TEST("three outputs with cuts of their own share one lane") {
  Folder one;
  Folder two;
  Folder three;
  Stage stage;
  NumberedLane lane(stage.fan_out);
  const auto a = stage.add(part_recipe("mp4", one, 1'000'000'000));
  const auto b = stage.add(part_recipe("mkv", two, 1'500'000'000));
  const auto c = stage.add(file_recipe("ts", three / "whole.ts"));
  lane.push(180);
  for (const auto& output : {a, b, c}) CHECK(stage.remove(output));
  for (unsigned n = 0; n < 6; ++n) check_part(one, "mp4", n, static_cast<int>(n) * 30, static_cast<int>(n) * 30 + 29);
  for (unsigned n = 0; n < 4; ++n) check_part(two, "mkv", n, static_cast<int>(n) * 45, static_cast<int>(n) * 45 + 44);
  CHECK(read_recording(three / "whole.ts").is_exactly(0, 179));
}
