// Every unit of every encoder bears the moment at which its own frame was put.
//
// A frame's put lies between two looks at the clock around the call, and the calls come one after the other: a unit
// with another frame's time would be outside. No threshold is involved.
#include <map>
#include <mutex>
#include <thread>

#include "check.h"
#include "lanes.h"
#include "recording.h"
#include "stage.h"
#include "stalled_pipe.h"

using namespace skyline;

namespace {

constexpr FrameSize kSize{160, 120};

// Notes the units of a lane; times in running time.
class Notes : public UnitConsumer {
 public:
  struct Noted {
    int units = 0;
    std::vector<std::int64_t> put_ns;
  };
  void consume(const Unit& unit) override {
    const std::lock_guard<std::mutex> lock(mutex_);
    Noted& noted = noted_[unit.pts_ns];
    ++noted.units;
    if (unit.put_ns) noted.put_ns.push_back(*unit.put_ns);
    reordered_ = reordered_ || unit.pts_ns < last_ns_;
    last_ns_ = unit.pts_ns;
  }
  void end_of_units() override {}
  std::map<std::int64_t, Noted> noted() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return noted_;
  }
  bool reordered() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return reordered_;
  }

 private:
  mutable std::mutex mutex_;
  std::map<std::int64_t, Noted> noted_;
  std::int64_t last_ns_ = 0;
  bool reordered_ = false;
};

struct Called {
  std::int64_t before_ns, after_ns;
};

using Properties = std::vector<std::pair<std::string, PropertyValue>>;

EncoderSettings encoder(const std::string& factory, Properties properties, const ChainSpec& after = {},
                        Format format = Format::I420) {
  if (find_element(factory).name.empty()) SKIP("no " + factory);
  EncoderSettings settings;
  settings.chain.push_back({factory, std::move(properties), {}, ""});
  settings.chain.insert(settings.chain.end(), after.begin(), after.end());
  settings.format = format;
  settings.keyframe_ns = 1'000'000'000;
  return settings;
}

ChainSpec parsed(const std::string& parser, const std::string& caps) {
  return {{parser, {}, {}, ""}, {"capsfilter", {{"caps", caps}}, {}, ""}};
}
ChainSpec parsed_h264() { return parsed("h264parse", "video/x-h264,stream-format=byte-stream,alignment=au"); }

constexpr int kFrames = 90;

// Puts frames by turns in the three ways; says whether the encoder reordered them.
bool check_every_unit(const EncoderSettings& encoder, IntakeSettings settings = offline()) {
  const auto lane = broadcast(settings);
  const auto notes = std::make_shared<Notes>();
  lane->fan_out().add(notes);
  lane->start(kSize, encoder);
  std::vector<Called> calls;
  for (int n = 0; n < kFrames; ++n) {
    const auto frame = std::make_shared<NumberedFrame>(n);
    // Not one distance for all: neighbours must be told apart.
    if (n % 7 == 3) std::this_thread::sleep_for(std::chrono::milliseconds(n % 5));
    const std::int64_t before_ns = latency_clock_ns();
    CHECK(n % 3 == 0   ? put(lane->intake(), *frame)
          : n % 3 == 1 ? lend(lane->intake(), frame)
                       : acquire(lane->intake(), *frame));
    calls.push_back({before_ns, latency_clock_ns()});
  }
  CHECK(stop(*lane));
  const FrameCounters counters = lane->stats().intake.frames;
  auto noted = notes->noted();
  noted.erase(-1);  // parameter sets that come alone have no time
  CHECK_EQ(noted.size(), std::size_t{kFrames});
  std::size_t n = 0;
  for (const auto& [pts_ns, units] : noted) {
    CHECK_SAY(units.put_ns.size() == 1, std::to_string(units.put_ns.size()) + " of the units of a frame have a time");
    const Called call = calls[std::min(n, calls.size() - 1)];
    for (const auto put_ns : units.put_ns) {
      CHECK_SAY(call.before_ns <= put_ns && put_ns <= call.after_ns,
                "frame " + std::to_string(n) + " at " + std::to_string(pts_ns));
    }
    ++n;
  }
  CHECK_EQ(counters.frames_encoded, std::uint64_t{kFrames});
  CHECK_EQ(counters.latency.unmatched_units, std::uint64_t{0});
  CHECK_EQ(counters.latency.pushed.since_start->count, std::uint64_t{kFrames});
  CHECK_EQ(counters.latency.encoded.since_start->count, std::uint64_t{kFrames});
  CHECK(!counters.latency.sent.since_start);
  CHECK_EQ(counters.queue_age_ns, std::int64_t{0});
  return notes->reordered();
}

using std::string;
std::int64_t number(int value) { return value; }

}  // namespace

TEST("x264, live") { CHECK(!check_every_unit(x264())); }

TEST("x264, live, by the time of arrival") {
  IntakeSettings live;
  live.max_buffers = kFrames;
  CHECK(!check_every_unit(x264(), live));
}

TEST("x264 with look-ahead, B-frames and B-pyramid") {
  CHECK(check_every_unit(
      encoder("x264enc", {{"bframes", number(4)}, {"b-pyramid", true}, {"rc-lookahead", number(40)}}, parsed_h264())));
}

TEST("x264 with its own defaults, and slices that come one by one") {
  const auto slices = parsed("h264parse", "video/x-h264,stream-format=byte-stream,alignment=nal");
  check_every_unit(encoder("x264enc", {{"threads", number(4)}, {"sliced-threads", true}}, slices));
}

TEST("x265 with look-ahead and B-frames") {
  const auto settings = encoder(
      "x265enc",
      {{"option-string", string("bframes=3:rc-lookahead=20:frame-threads=2")}, {"speed-preset", string("ultrafast")}},
      parsed("h265parse", "video/x-h265,stream-format=byte-stream,alignment=au"));
  CHECK(check_every_unit(settings));
}

TEST("openh264") {
  CHECK(!check_every_unit(encoder("openh264enc", {{"rate-control", string("quality")}}, parsed_h264())));
}

TEST("vp8, with hidden frames") {
  check_every_unit(encoder("vp8enc", {{"deadline", number(1)}}));
  check_every_unit(encoder("vp8enc", {{"deadline", number(1)}, {"lag-in-frames", number(20)}, {"auto-alt-ref", true}}));
}

TEST("vp9, with hidden frames") {
  check_every_unit(
      encoder("vp9enc", {{"deadline", number(1)}, {"lag-in-frames", number(0)}}, {{"vp9parse", {}, {}, ""}}));
  check_every_unit(encoder("vp9enc", {{"deadline", number(1)}, {"lag-in-frames", number(20)}, {"auto-alt-ref", true}},
                           {{"vp9parse", {}, {}, ""}}));
}

TEST("av1, with hidden frames") {
  const auto units = parsed("av1parse", "video/x-av1,stream-format=obu-stream,alignment=tu");
  const Properties fast = {{"cpu-used", number(8)},
                           {"usage-profile", string("realtime")},
                           {"min-quantizer", number(8)},
                           {"max-quantizer", number(56)},
                           {"lag-in-frames", number(0)}};
  check_every_unit(encoder("av1enc", fast, units));
  check_every_unit(encoder("av1enc", {{"cpu-used", number(8)}, {"lag-in-frames", number(19)}}, units));
}

TEST("jpeg") { CHECK(!check_every_unit(encoder("jpegenc", {}))); }

TEST("ffv1") { CHECK(!check_every_unit(encoder("avenc_ffv1", {}, {}, Format::BGRA))); }
