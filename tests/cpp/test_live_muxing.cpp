// What live outputs do behind and beside a muxer: datagrams for each frame at once, and silent sound.
#include <set>

#include "check.h"
#include "numbered_lane.h"
#include "output/datagrams.h"
#include "recording.h"
#include "report/errors.h"
#include "stage.h"

using namespace skyline;

namespace {

constexpr std::size_t kPacket_bytes = 188;
constexpr std::size_t kDatagram_bytes = 7 * kPacket_bytes;

ChainSpec silence() {
  return {{"audiotestsrc", {{"wave", std::string("silence")}, {"samplesperbuffer", std::int64_t{1024}}}, {}, ""},
          {"clocksync", {}, {}, ""},
          {"capsfilter", {{"caps", std::string("audio/x-raw,rate=44100,channels=2")}}, {}, ""},
          {"voaacenc", {}, {}, ""},
          {"aacparse", {}, {}, ""},
          {"queue", {}, {}, ""}};
}

Recipe flv_recipe(const std::string& path) {
  Recipe recipe = file_recipe("flv", path);
  recipe.chain.insert(recipe.chain.begin() + 1, {"flvmux", {{"streamable", true}}, {}, "mux"});
  recipe.own_zero = false;
  recipe.silence = silence();
  return recipe;
}

double edge_of(const std::string& path, const std::string& stream, const std::string& end) {
  return std::atof(run_command("ffprobe -v error -select_streams " + stream +
                               " -show_entries packet=pts_time -of csv=p=0 '" + path + "' | " + end + " -n 1")
                       .c_str());
}

}  // namespace

TEST("each frame of a transport stream leaves at once, in datagrams of whole packets that nobody takes for headers") {
  ensure_runtime();
  const ElementPtr pipeline = ElementPtr::adopt(GST_ELEMENT(
      gst_object_ref_sink(gst_parse_launch("videotestsrc pattern=snow num-buffers=30 ! "
                                           "video/x-raw,width=320,height=240,framerate=30/1 ! x264enc tune=zerolatency "
                                           "! mpegtsmux name=mux alignment=0 ! appsink name=out sync=false",
                                           nullptr))));
  const ElementPtr muxer = ElementPtr::adopt(gst_bin_get_by_name(GST_BIN(pipeline.get()), "mux"));
  const ElementPtr sink = ElementPtr::adopt(gst_bin_get_by_name(GST_BIN(pipeline.get()), "out"));
  cut_into_datagrams(PadPtr::adopt(gst_element_get_static_pad(muxer.get(), "src")).get(), kDatagram_bytes);
  gst_element_set_state(pipeline.get(), GST_STATE_PLAYING);
  std::set<GstClockTime> frames;
  std::size_t full = 0;
  while (const SamplePtr sample = SamplePtr::adopt(gst_app_sink_pull_sample(GST_APP_SINK(sink.get())))) {
    GstBuffer* datagram = gst_sample_get_buffer(sample.get());
    const std::size_t size = gst_buffer_get_size(datagram);
    CHECK(size <= kDatagram_bytes);
    CHECK_EQ(size % kPacket_bytes, std::size_t{0});
    for (std::size_t at = 0; at < size; at += kPacket_bytes) CHECK_EQ(gst_buffer_memcmp(datagram, at, "\x47", 1), 0);
    CHECK(!GST_BUFFER_FLAG_IS_SET(datagram, GST_BUFFER_FLAG_HEADER));
    if (GST_BUFFER_PTS_IS_VALID(datagram)) frames.insert(GST_BUFFER_PTS(datagram));
    full += size == kDatagram_bytes ? 1 : 0;
  }
  gst_element_set_state(pipeline.get(), GST_STATE_NULL);
  CHECK_EQ(frames.size(), std::size_t{30});
  CHECK(full > 30);
}

TEST("silent sound begins with the first picture, however late that is, and ends with the last") {
  Folder folder;
  Stage stage;
  // The clock has run for a while, and the pictures begin in the past as they do where a peer let them wait.
  std::this_thread::sleep_for(std::chrono::milliseconds(700));
  LaneOptions options;
  options.first_ns = 500'000'000;
  NumberedLane lane(stage.fan_out, options);
  const std::string path = folder / "out.flv";
  const auto output = stage.add(flv_recipe(path));
  for (int n = 0; n < 45; ++n) {
    lane.push(1);
    std::this_thread::sleep_for(std::chrono::milliseconds(33));
  }
  CHECK(stage.remove(output, 5));
  CHECK_EQ(read_recording(path).numbers.size(), std::size_t{45});
  const double first_sound_s = edge_of(path, "a", "head");
  CHECK_SAY(std::abs(first_sound_s - edge_of(path, "v", "head")) < 0.05, std::to_string(first_sound_s));
  const double last_sound_s = edge_of(path, "a", "tail");
  CHECK_SAY(std::abs(last_sound_s - edge_of(path, "v", "tail")) < 0.1, std::to_string(last_sound_s));
}

TEST("silent sound needs a muxer that it can go into") {
  Folder folder;
  Stage stage;
  Recipe nameless = flv_recipe(folder / "out.flv");
  nameless.chain[1].name = "";
  CHECK_THROWS(stage.add(nameless), SinkError);
  Recipe deaf = flv_recipe(folder / "out.h264");
  deaf.chain[1] = {"identity", {}, {}, "mux"};
  CHECK_THROWS(stage.add(deaf), SinkError);
}
