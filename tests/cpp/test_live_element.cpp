// Elements changed while they run: between two buffers, the last value of several, never by a call that waits.
#include <atomic>
#include <thread>

#include "check.h"
#include "lanes.h"
#include "pipeline/live_element.h"
#include "recording.h"
#include "report/errors.h"
#include "stage.h"

using namespace skyline;

namespace {

LiveElement encoder_of(const Lane& lane) {
  const auto found = lane.encoders();
  CHECK_EQ(found.size(), std::size_t{1});
  return found.front();
}

const std::string kEncoder =
    "appsrc ! queue ! x264enc name=e tune=zerolatency speed-preset=ultrafast bitrate=900 pass=qual ! fakesink";

}  // namespace

TEST("properties are read as text, an enum by its nick") {
  const auto lane = described_lane(kEncoder);
  const LiveElement encoder = encoder_of(*lane);
  CHECK_EQ(encoder.factory(), std::string("x264enc"));
  CHECK_EQ(encoder.name(), std::string("e"));
  CHECK(encoder.property("bitrate") == "900");
  CHECK(encoder.property("pass") == "qual");
  CHECK(encoder.property("option-string") == "");
  CHECK(!encoder.property("no-such-property"));
}

TEST("what does not run is changed at once; what is no number that can be written is refused") {
  const auto lane = described_lane(kEncoder);
  const LiveElement encoder = encoder_of(*lane);
  encoder.change("bitrate", 700);
  CHECK(encoder.property("bitrate") == "700");
  encoder.change("bitrate", -5);
  CHECK(encoder.property("bitrate") == "1");  // clamped to the property's range
  CHECK_THROWS(encoder.change("no-such-property", 1), SinkError);
  CHECK_THROWS(encoder.change("pass", 1), SinkError);
  CHECK_THROWS(encoder.change("option-string", 1), SinkError);
}

TEST("what runs is changed with the next buffer, and the last of many values holds") {
  const auto lane = described_lane(kEncoder);
  lane->start({160, 120});
  const LiveElement encoder = encoder_of(*lane);
  for (int kbps = 100; kbps <= 500; ++kbps) encoder.change("bitrate", kbps);
  CHECK(encoder.property("bitrate") == "900");
  CHECK(put(lane->intake(), NumberedFrame(0)));
  CHECK(soon([&] { return encoder.property("bitrate") == "500"; }));
  CHECK(stop(*lane));
}

TEST("encoders are found at any depth, and none where nothing runs any more") {
  const auto lane = described_lane(
      "appsrc ! tee name=t ! ( queue ! x264enc tune=zerolatency ) ! fakesink t. ! queue ! jpegenc ! fakesink");
  CHECK_EQ(lane->encoders().size(), std::size_t{2});
  lane->start({160, 120});
  CHECK(put(lane->intake(), NumberedFrame(0)));
  CHECK(stop(*lane));
  CHECK_THROWS(lane->encoders(), StateError);
  CHECK_THROWS(lane->force_keyframe(), StateError);
  CHECK(described_lane("appsrc ! fakesink")->encoders().empty());
}

TEST("threads change and ask while frames flow and the lane is stopped") {
  const Folder folder;
  for (int turn = 0; turn < 5; ++turn) {
    const auto lane = broadcast();
    lane->start({160, 120}, x264());
    std::vector<std::thread> callers;
    std::atomic<int> refused{0};
    for (int caller = 0; caller < 3; ++caller) {
      callers.emplace_back([&] {
        try {
          for (int kbps = 100; kbps < 1'000'000; ++kbps) {
            lane->force_keyframe();
            for (const LiveElement& encoder : lane->encoders()) encoder.change("bitrate", kbps);
          }
        } catch (const StateError&) {
          ++refused;
        }
      });
    }
    for (int n = 0; n < 30; ++n) CHECK(put(lane->intake(), NumberedFrame(n)));
    CHECK(stop(*lane));
    for (auto& caller : callers) caller.join();
    CHECK_EQ(refused.load(), 3);
  }
}
