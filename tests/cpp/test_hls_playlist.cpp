// HLS: the text of the playlist and which files go, as values; and a folder written through the hand-over.
#include <sys/stat.h>

#include <array>
#include <fstream>

#include "check.h"
#include "numbered_lane.h"
#include "output/hls_playlist.h"
#include "output/ts_counters.h"
#include "recording.h"
#include "stage.h"

using namespace skyline;

namespace {

constexpr std::int64_t kSecond_ns = 1'000'000'000;

HlsSegment segment(int number, std::int64_t duration_ns = 2 * kSecond_ns) {
  HlsSegment made;
  made.name = "s" + std::to_string(number) + ".ts";
  made.duration_ns = duration_ns;
  made.wall_us = 1'700'000'000'000'000 + number * 2'000'000;
  return made;
}

bool has(const std::string& text, const std::string& words) { return text.find(words) != std::string::npos; }

int count(const std::string& text, const std::string& words) {
  int found = 0;
  for (auto at = text.find(words); at != std::string::npos; at = text.find(words, at + 1)) ++found;
  return found;
}

std::string content(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

Recipe hls_recipe(const std::string& folder, std::int64_t part_ns = kSecond_ns, std::size_t length = 3,
                  std::size_t keep_extra = 2) {
  Recipe recipe = file_recipe("ts", "");
  recipe.parts = PartNames{folder + "/live-", 3, ".ts"};
  recipe.part_ns = part_ns;
  recipe.own_zero = false;
  recipe.waits = true;
  recipe.playlist = Recipe::Playlist{folder + "/live.m3u8", length, keep_extra};
  return recipe;
}

}  // namespace

TEST("the text of a playlist, to the letter") {
  HlsPlaylist playlist({3, 2, 2 * kSecond_ns}, {});
  playlist.add(segment(0));
  HlsSegment second = segment(1, 1'966'666'667);
  second.name = "a b#%ü.ts";
  playlist.add(second);
  const std::string expected =
      "#EXTM3U\n#EXT-X-VERSION:6\n#EXT-X-TARGETDURATION:2\n#EXT-X-MEDIA-SEQUENCE:0\n#EXT-X-INDEPENDENT-SEGMENTS\n"
      "#EXT-X-PROGRAM-DATE-TIME:2023-11-14T22:13:20.000Z\n#EXTINF:2.000000,\ns0.ts\n"
      "#EXT-X-PROGRAM-DATE-TIME:2023-11-14T22:13:22.000Z\n#EXTINF:1.966667,\na%20b%23%25%C3%BC.ts\n";
  CHECK_EQ(playlist.text(false), expected);
  CHECK_EQ(playlist.text(true), expected + "#EXT-X-ENDLIST\n");
}

TEST("the list moves on, and files go only some segments after they left it") {
  HlsPlaylist playlist({3, 2, 2 * kSecond_ns}, {});
  for (int n = 0; n < 5; ++n) CHECK(playlist.add(segment(n)).empty());
  for (int n = 5; n < 40; ++n) {
    const auto gone = playlist.add(segment(n));
    CHECK_EQ(gone.size(), std::size_t{1});
    CHECK_EQ(gone.front(), "s" + std::to_string(n - 5) + ".ts");
    const std::string text = playlist.text(false);
    CHECK(has(text, "#EXT-X-MEDIA-SEQUENCE:" + std::to_string(n - 2) + "\n"));
    CHECK_EQ(count(text, "#EXTINF"), 3);
  }
}

TEST("a list of everything keeps everything, and says so") {
  HlsPlaylist playlist({0, 0, 2 * kSecond_ns}, {5, 0, {"s3.ts", "s4.ts"}, false});
  for (int n = 5; n < 200; ++n) CHECK(playlist.add(segment(n)).empty());
  CHECK(has(playlist.text(false), "#EXT-X-PLAYLIST-TYPE:EVENT\n"));
  CHECK(has(playlist.text(false), "#EXT-X-MEDIA-SEQUENCE:5\n"));
  CHECK_EQ(count(playlist.text(true), "#EXTINF"), 195);
}

TEST("the target is never less than a segment is long, and never falls again") {
  HlsPlaylist playlist({2, 0, 1'500'000'000}, {});
  playlist.add(segment(0));
  CHECK(has(playlist.text(false), "TARGETDURATION:2\n"));
  playlist.add(segment(1, 10 * kSecond_ns + 1));
  CHECK(has(playlist.text(false), "TARGETDURATION:11\n"));
  for (int n = 2; n < 6; ++n) playlist.add(segment(n));
  CHECK(has(playlist.text(false), "TARGETDURATION:11\n"));
}

TEST("a discontinuity is told before its segment, and counted once it has left") {
  HlsPlaylist playlist({2, 0, kSecond_ns}, {});
  playlist.add(segment(0));
  HlsSegment other = segment(1);
  other.is_discontinuous = true;
  playlist.add(other);
  CHECK(has(playlist.text(false), "s0.ts\n#EXT-X-DISCONTINUITY\n#EXT-X-PROGRAM"));
  CHECK(!has(playlist.text(false), "DISCONTINUITY-SEQUENCE"));
  playlist.add(segment(2));
  CHECK(!has(playlist.text(false), "DISCONTINUITY-SEQUENCE"));
  playlist.add(segment(3));
  CHECK(has(playlist.text(false), "#EXT-X-DISCONTINUITY-SEQUENCE:1\n"));
}

TEST("what an earlier stream left is read from its own text") {
  HlsPlaylist playlist({2, 0, kSecond_ns}, {});
  for (int n = 0; n < 7; ++n) {
    HlsSegment one = segment(n);
    one.is_discontinuous = n == 2 || n == 6;
    playlist.add(one);
  }
  const auto past = past_of(playlist.text(true));
  CHECK_EQ(past->next_number, std::uint64_t{7});
  CHECK_EQ(past->discontinuities, std::uint64_t{2});
  CHECK(past->has_ended);
  CHECK(!past_of(playlist.text(false))->has_ended);
  CHECK(!past_of("<html>"));
  CHECK(!past_of(""));
}

TEST("continuity counters go on across segments, for each PID, also where packets have no payload") {
  TsCounters counters;
  const auto packet = [](std::uint16_t pid, std::uint8_t flags, std::uint8_t count) {
    std::array<std::uint8_t, 188> made{};
    made[0] = 0x47;
    made[1] = static_cast<std::uint8_t>(pid >> 8);
    made[2] = static_cast<std::uint8_t>(pid);
    made[3] = static_cast<std::uint8_t>(flags | count);
    return made;
  };
  int expected = 0;
  for (int segment = 0; segment < 5; ++segment) {
    counters.begin_segment();
    for (int n = 0; n < 37; ++n) {
      auto filled = packet(0x41, 0x10, static_cast<std::uint8_t>((n + 3) & 15));
      CHECK(counters.carry_on(filled.data(), filled.size()));
      CHECK_EQ(int{filled[3]}, 0x10 | (expected & 15));
      auto bare = packet(0x41, 0x20, static_cast<std::uint8_t>((n + 3) & 15));
      CHECK(counters.carry_on(bare.data(), bare.size()));
      CHECK_EQ(int{bare[3]}, 0x20 | (expected & 15));
      ++expected;
    }
    auto tables = packet(0, 0x30, 1);
    CHECK(counters.carry_on(tables.data(), tables.size()));
    CHECK_EQ(int{tables[3]}, 0x30 | segment);
  }
  auto none = packet(0, 0x10, 0);
  none[0] = 0;
  CHECK(!counters.carry_on(none.data(), none.size()));
}

TEST("a folder: the segments together are the stream, its times go on, the last list is the end") {
  const Folder folder;
  Stage stage;
  NumberedLane lane(stage.fan_out);
  const auto output = stage.add(hls_recipe(folder / "deep/er", 2 * kSecond_ns, 0));
  lane.push(150);
  CHECK(stage.remove(output));
  const std::string text = content(folder / "deep/er/live.m3u8");
  CHECK_EQ(count(text, "#EXTINF:2.000000,"), 2);
  CHECK_EQ(count(text, "#EXTINF:1.000000,"), 1);
  CHECK(has(text, "TARGETDURATION:2\n") && has(text, "#EXT-X-ENDLIST\n") && !has(text, "DISCONTINUITY"));
  const Recording found = read_recording(folder / "deep/er/live.m3u8");
  CHECK_SAY(found.is_exactly(0, 149), found.text());
  CHECK_SAY(std::abs(found.end_s - found.start_s - 149 / 30.0) < 0.001, found.text());
  CHECK(!std::filesystem::exists(folder / "deep/er/.live.m3u8.tmp"));
}

TEST("an encoder that makes no key unit when asked: true lengths, a higher target, one warning") {
  const Folder folder;
  Stage stage;
  LaneOptions options;
  options.encoder = "x264enc tune=zerolatency speed-preset=ultrafast key-int-max=75";
  NumberedLane lane(stage.fan_out, options);
  stage.fan_out.set_key_unit_request({});  // nobody hears us
  const auto output = stage.add(hls_recipe(folder / "a", kSecond_ns));
  lane.push(300);
  CHECK(stage.remove(output));
  const std::string text = content(folder / "a/live.m3u8");
  CHECK_EQ(count(text, "#EXTINF:2.500000,"), 3);
  CHECK(has(text, "TARGETDURATION:3\n"));
  int warnings = 0;
  for (const auto& event : stage.all_events()) {
    warnings += event.kind == "warning" ? 1 : 0;
    if (event.kind == "warning") CHECK_SAY(has(event.message, "2.5 s long, 1 s were asked"), event.message);
  }
  CHECK_EQ(warnings, 1);
}

TEST("a pause is no part of a segment: told as a discontinuity, the target stays") {
  const Folder folder;
  Stage stage;
  LaneOptions options;
  NumberedLane lane(stage.fan_out, options);
  const auto output = stage.add(hls_recipe(folder / "a", kSecond_ns, 0));
  lane.push(40);
  lane.skip(900);
  lane.push(40);
  CHECK(stage.remove(output));
  const std::string text = content(folder / "a/live.m3u8");
  CHECK(has(text, "TARGETDURATION:1\n"));
  CHECK_EQ(count(text, "#EXT-X-DISCONTINUITY\n"), 1);
  CHECK_EQ(count(text, "#EXTINF"), 4);
  const Recording found = read_recording(folder / "a/live.m3u8");
  CHECK_EQ(found.packets, 80);
}

TEST("a second stream in the same folder goes on where the first one ended") {
  const Folder folder;
  std::ofstream(folder / "live-nine.ts") << "not ours";
  for (int run = 0; run < 3; ++run) {
    Stage stage;
    NumberedLane lane(stage.fan_out);
    const auto output = stage.add(hls_recipe(folder / ".", kSecond_ns));
    CHECK(run == 0 || !std::filesystem::exists(folder / "live.m3u8"));  // the one there had ended
    lane.push(120);
    CHECK(stage.remove(output));
    const std::string text = content(folder / "live.m3u8");
    CHECK_SAY(has(text, "#EXT-X-MEDIA-SEQUENCE:" + std::to_string(4 * run + 1) + "\n"), text);
    if (run > 0) CHECK_SAY(has(text, "#EXT-X-DISCONTINUITY-SEQUENCE:" + std::to_string(run) + "\n"), text);
    const Recording found = read_recording(folder / "live.m3u8");
    CHECK_SAY(found.is_exactly(30, 119), found.text());
  }
  CHECK(std::filesystem::exists(folder / "live-nine.ts"));
  CHECK(!std::filesystem::exists(folder / "live-006.ts") && std::filesystem::exists(folder / "live-007.ts"));
}

TEST("a folder that vanishes ends this output alone, with its name; nothing to write in refuses at once") {
  const Folder folder;
  Stage stage;
  NumberedLane lane(stage.fan_out);
  const auto output = stage.add(hls_recipe(folder / "a", kSecond_ns));
  const auto steady = stage.add(file_recipe("mp4", folder / "steady.mp4"));
  lane.push(45);
  std::filesystem::remove_all(folder / "a");
  lane.push(45);
  CHECK(soon([&] { return output->state() == Output::State::failed; }));
  CHECK_SAY(has(output->failure()->error()->message, "a/live"), output->failure()->error()->message);
  CHECK(!stage.remove(output));
  CHECK(stage.remove(steady));
  CHECK(read_recording(folder / "steady.mp4").is_exactly(0, 89));
  std::ofstream(folder / "file") << "no folder";
  CHECK_THROWS(stage.make(hls_recipe(folder / "file")), PipelineError);
}
