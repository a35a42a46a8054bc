// A description of the user's own: what its encoder is given, and that no call waits for its sink.
#include <gst/base/gstbasesink.h>

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

// Lets a test look at the elements.
struct OpenLane : DescriptionLane {
  using DescriptionLane::DescriptionLane;
  GstBin* bin() const { return pipeline_->bin(); }
};

// The caps that reach the element called "end", after some frames of this size.
std::string caps_at_end(const std::string& text, FrameSize size, int frames = 3) {
  const auto lane = make_lane<OpenLane>(text, offline());
  lane->start(size);
  for (int n = 0; n < frames; ++n) {
    const auto frame = std::make_shared<NumberedFrame>(n, size.width, size.height);
    CHECK(n % 2 == 0 ? put(lane->intake(), *frame) : lend(lane->intake(), frame));
  }
  const ElementPtr end = ElementPtr::adopt(gst_bin_get_by_name(lane->bin(), "end"));
  const PadPtr pad = PadPtr::adopt(gst_element_get_static_pad(end.get(), "sink"));
  CHECK(soon([&] { return static_cast<bool>(CapsPtr::adopt(gst_pad_get_current_caps(pad.get()))); }));
  const CapsPtr caps = CapsPtr::adopt(gst_pad_get_current_caps(pad.get()));
  CHECK(stop(*lane));
  const LaneStats stats = lane->stats();
  CHECK_EQ(stats.intake.frames.frames_encoded, static_cast<std::uint64_t>(frames));
  CHECK_EQ(stats.intake.frames.frames_in, sum(stats.intake.frames));
  return caps ? take_string(gst_caps_to_string(caps.get())) : "none";
}

bool has(const std::string& text, const std::vector<std::string>& parts) {
  bool all = true;
  for (const auto& part : parts) all = all && text.find(part) != std::string::npos;
  if (!all) std::printf("  %s\n", text.c_str());
  return all;
}

}  // namespace

TEST("an H.264 encoder is given I420 with even sides, never 4:4:4") {
  CHECK(has(caps_at_end("appsrc ! videoconvert ! x264enc name=end tune=zerolatency ! fakesink", {160, 120}),
            {"format=(string)I420", "width=(int)160", "height=(int)120", "bt601"}));
  CHECK(has(caps_at_end("appsrc ! x264enc name=end tune=zerolatency ! fakesink", {161, 121}),
            {"I420", "width=(int)162", "height=(int)122"}));
  CHECK(has(
      caps_at_end("appsrc ! queue ! videoconvert ! queue ! x264enc name=end tune=zerolatency ! fakesink", {1280, 720}),
      {"I420", "bt709"}));
  CHECK(
      has(caps_at_end("appsrc ! videoconvert ! video/x-raw,format=NV12 ! x264enc name=end tune=zerolatency ! fakesink",
                      {160, 120}),
          {"NV12"}));
}

TEST("a size that the description pins is kept") {
  const std::string caps = caps_at_end(
      "appsrc ! videoconvert ! video/x-raw,format=I420,width=161,height=121 ! fakesink name=end", {161, 121});
  CHECK(has(caps, {"I420", "width=(int)161", "height=(int)121"}));
}

TEST("what takes RGB, or anything, gets the frames as they are") {
  CHECK(has(caps_at_end("appsrc ! fakesink name=end", {161, 121}),
            {"format=(string)BGR", "width=(int)161", "height=(int)121", "30/1"}));
  CHECK(has(caps_at_end("appsrc ! videoconvert ! fakesink name=end", {160, 120}), {"BGR"}));
  CHECK(has(caps_at_end("appsrc ! videoconvert ! avenc_ffv1 ! fakesink name=end", {160, 120}), {"video/x-ffv"}));
  CHECK(has(caps_at_end("appsrc ! videoconvert name=end ! avenc_ffv1 ! fakesink", {160, 120}), {"BGR"}));
  CHECK(has(caps_at_end("appsrc ! identity ! jpegenc name=end ! fakesink", {160, 120}), {"BGR"}));
}

TEST("a description that cannot be is refused with its reason") {
  CHECK_THROWS(described_lane("videotestsrc ! fakesink"), SinkError);
  CHECK_THROWS(described_lane("appsrc ! no-such-element ! fakesink"), MissingElementError);
  CHECK_THROWS(described_lane("appsrc ! ! fakesink"), PipelineError);
  CHECK_THROWS(described_lane(""), PipelineError);
  try {
    described_lane("appsrc ! x264enc warp=9 ! srtsink uri=srt://h passphrase=CANARYCANARY");
    CHECK(false);
  } catch (const PipelineError& error) {
    CHECK_EQ(error.error.domain, std::string("parse"));
    CHECK_SAY(has(error.error.message, {"warp"}), error.error.message);
    CHECK_SAY(error.error.description.find("CANARY") == std::string::npos, error.error.description);
  }
}

TEST("a sink that cannot open says so in start, or at the next call") {
  const auto lane = described_lane("appsrc ! filesink location=/no/such/place");
  std::string said;
  try {
    lane->start({160, 120});
    for (int n = 0; n < 1000; ++n) put(lane->intake(), NumberedFrame(n));
  } catch (const PipelineError& error) {
    said = error.what();
    CHECK_EQ(error.error.domain, std::string("resource"));
  }
  CHECK_SAY(has(said, {"filesink", "/no/such/place"}), said);
  CHECK(seconds_of([&] { CHECK(!stop(*lane, 5)); }) < 2);
  CHECK(lane->stats().intake.frames.frames_in_flight == 0);
}

TEST("never started: stop says that all is well; frames before start are refused") {
  const auto lane = described_lane("appsrc ! fakesink");
  CHECK_THROWS(put(lane->intake(), NumberedFrame()), StateError);
  lane->force_keyframe();
  CHECK(stop(*lane));
}

TEST("a sink stuck in the kernel holds up no call: force_keyframe, stop, and letting go") {
  const unsigned before = abandoned_pipelines();
  for (const bool stops : {true, false}) {
    const Folder folder;
    StalledPipe pipe(folder / "pipe");
    auto lane = described_lane("appsrc ! filesink buffer-mode=unbuffered location=" + (folder / "pipe"));
    lane->start({160, 120});
    int taken = 0;
    while (put(lane->intake(), NumberedFrame(taken), 0.3)) ++taken;
    CHECK(taken >= 4);
    std::atomic<bool> came_back{false};
    // On a thread of its own, so that a hang is a failure of this test and not of the whole run.
    std::thread forcing([&came_back, lane] {
      lane->force_keyframe();
      came_back = true;
    });
    CHECK(soon([&] { return came_back.load(); }, 2));
    if (stops) {
      const double took = seconds_of([&] { CHECK(!stop(*lane, 0.5)); });
      CHECK_SAY(took < 2, std::to_string(took));
      CHECK_EQ(lane->stats().intake.frames.frames_in_flight, std::uint64_t{0});
    } else {
      forcing.join();
      CHECK(seconds_of([&] { lane.reset(); }) < 3);
    }
    CHECK_EQ(abandoned_pipelines(), before + (stops ? 1 : 2));
    pipe.close_reader();  // the write fails: the thread left behind comes home, into a lane that is still there
    if (forcing.joinable()) forcing.join();
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
}

TEST("letting go of a running description, 100 times: no thread, no descriptor, no crash") {
  int threads_before = 0, files_before = 0;
  for (int n = 0; n < 100; ++n) {
    if (n == 10) {
      threads_before = threads();
      files_before = open_files();
    }
    auto lane = described_lane("appsrc ! queue ! fakesink", offline(n % 2 == 0 ? Leaky::downstream : Leaky::none));
    lane->start({160, 120});
    for (int frame = 0; frame < 5; ++frame) CHECK(lend(lane->intake(), std::make_shared<NumberedFrame>(frame)));
    if (n % 2 == 0) CHECK(stop(*lane));
  }
  CHECK(soon([&] { return threads() <= threads_before && open_files() <= files_before; }));
  ReleaseQueue::instance().drain();
  CHECK_EQ(ReleaseQueue::live(), std::size_t{0});
}

TEST("the latency of a description is measured where its frames come to a sink") {
  struct Case {
    std::string text;
    std::uint64_t sent;
  };
  const std::string x264 = "appsrc ! x264enc tune=zerolatency speed-preset=ultrafast ! ";
  const std::string rtp = x264 + "rtph264pay mtu=200 ! fakesink async=false";  // many packets, in lists
  const std::string b_frames = "appsrc ! x264enc bframes=3 speed-preset=ultrafast ! h264parse ! fakesink";
  for (const auto& [text, sent] : std::initializer_list<Case>{
           {"appsrc ! fakesink", 30},
           {"appsrc ! ( queue ! ( queue ! fakesink ) )", 30},
           {"appsrc ! tee name=t ! queue ! fakesink t. ! queue ! fakesink", 60},
           {rtp, 30},
           {b_frames, 30},
           {x264 + "mp4mux ! fakesink", 0},  // times of its own making
       }) {
    const auto lane = described_lane(text);
    lane->start({160, 120});
    for (int n = 0; n < 30; ++n) CHECK(put(lane->intake(), NumberedFrame(n, 160, 120, true)));
    CHECK(stop(*lane));
    const FrameLatencyReport latency = lane->stats().intake.frames.latency;
    CHECK_EQ(latency.pushed.since_start->count, std::uint64_t{30});
    CHECK(!latency.encoded.since_start);
    CHECK_SAY(latency.sent.since_start.value_or(LatencySummary{}).count == sent, text);
    if (sent != 0) CHECK(latency.sent.since_start->max_ns >= latency.sent.since_start->p50_ns);
  }
}

TEST("an encoder hears a force_keyframe") {
  const Folder folder;
  const auto lane = described_lane(
      "appsrc ! x264enc tune=zerolatency speed-preset=ultrafast key-int-max=300 ! matroskamux ! filesink location=" +
      (folder / "a.mkv"));
  lane->start({160, 120});
  for (int n = 0; n < 30; ++n) {
    if (n == 15) lane->force_keyframe();
    CHECK(put(lane->intake(), NumberedFrame(n)));
  }
  CHECK(stop(*lane));
  const Recording found = read_recording(folder / "a.mkv");
  CHECK_SAY(found.is_exactly(0, 29) && found.keys == 2, found.text());
}

TEST("a sink that waits for its moment learns the latency that an encoder tells of with its first frame") {
  IntakeSettings live;
  live.framerate = {30, 1};
  const auto lane = make_lane<OpenLane>(
      "appsrc is-live=true ! videoconvert ! x264enc rc-lookahead=10 sync-lookahead=0 sliced-threads=true bframes=0 "
      "! fakesink name=end sync=true async=false",
      live);
  lane->start({160, 120});
  const ElementPtr end = ElementPtr::adopt(gst_bin_get_by_name(lane->bin(), "end"));
  CHECK(put(lane->intake(), NumberedFrame()));
  CHECK(soon([&] { return gst_base_sink_get_latency(GST_BASE_SINK(end.get())) >= 300 * GST_MSECOND; }));
  CHECK(stop(*lane));
}
