// Outputs of frames beside those of units, encoders that come late, and encoding for nobody.
#include <atomic>
#include <fstream>
#include <iterator>
#include <mutex>
#include <thread>

#include "check.h"
#include "lanes.h"
#include "recording.h"
#include "report/errors.h"
#include "stage.h"

using namespace skyline;

namespace {

constexpr FrameSize kSize{160, 120};

// What came, and whether anybody is there to see it.
struct Watcher : UnitConsumer {
  void consume(const Unit& unit) override {
    const std::lock_guard<std::mutex> lock(mutex);
    units.push_back(unit);
  }
  void end_of_units() override { ended = true; }
  bool wants_units() const override { return wants; }
  std::vector<Unit> taken() const {
    const std::lock_guard<std::mutex> lock(mutex);
    return units;
  }
  std::size_t count() const { return taken().size(); }

  mutable std::mutex mutex;
  std::vector<Unit> units;  // guarded by mutex
  std::atomic<bool> wants{true};
  std::atomic<bool> ended{false};
};

// The number that NumberedFrame drew, in the luma or the first colour of a raw unit.
int number_in(const Unit& unit) {
  GstVideoInfo info;
  GstVideoFrame frame;
  gst_video_info_from_caps(&info, unit.caps.get());
  if (gst_video_frame_map(&frame, &info, unit.buffer.get(), GST_MAP_READ) == 0) return -1;
  const auto* row = static_cast<const std::uint8_t*>(GST_VIDEO_FRAME_PLANE_DATA(&frame, 0)) +
                    16 * GST_VIDEO_FRAME_PLANE_STRIDE(&frame, 0);
  int number = 0;
  for (int bit = 0; bit < 12; ++bit)
    number |= row[(bit * 8 + 4) * GST_VIDEO_FRAME_COMP_PSTRIDE(&frame, 0)] > 128 ? 1 << bit : 0;
  gst_video_frame_unmap(&frame);
  return number;
}

bool is_sequence(const std::vector<Unit>& units, int first, int last) {
  if (static_cast<int>(units.size()) != last - first + 1) return false;
  for (std::size_t n = 0; n < units.size(); ++n) {
    if (number_in(units[n]) != first + static_cast<int>(n)) return false;
  }
  return true;
}

Recipe raw_recipe(const std::string& name, ChainSpec chain) {
  Recipe recipe;
  recipe.name = name;
  recipe.chain = std::move(chain);
  recipe.own_zero = false;
  recipe.bounds = {3, 0};
  return recipe;
}

Recipe waiting_recipe(const std::string& kind, const std::string& path) {
  Recipe recipe = file_recipe(kind, path);
  recipe.waits = true;
  return recipe;
}

std::uint64_t unwatched(const Lane& lane) {
  return lane.stats().intake.frames.frames_dropped[static_cast<std::size_t>(DropReason::unwatched)];
}

bool counts_add_up(const Lane& lane) {
  const LaneStats stats = lane.stats();
  return stats.intake.frames.frames_in == sum(stats.intake.frames);
}

// When nothing is on its way any more.
bool settled(const Lane& lane) {
  return soon([&] { return lane.stats().intake.frames.frames_in_flight == 0; });
}

}  // namespace

TEST("raw outputs get every frame by reference and read-only, with the times that units have") {
  const auto lane = broadcast();
  const auto raw = std::make_shared<Watcher>();
  const auto encoded = std::make_shared<Watcher>();
  lane->raw_fan_out().add(raw);
  lane->fan_out().add(encoded);
  lane->start(kSize, x264());
  for (int n = 0; n < 30; ++n) CHECK(put(lane->intake(), NumberedFrame(n)));
  CHECK(stop(*lane));
  const auto frames = raw->taken();
  const auto units = encoded->taken();
  CHECK(is_sequence(frames, 0, 29));
  CHECK_EQ(units.size(), frames.size());
  for (std::size_t n = 0; n < units.size(); ++n) {
    CHECK_EQ(frames[n].pts_ns, units[n].pts_ns);
    CHECK(frames[n].put_ns == units[n].put_ns && frames[n].put_ns);
    CHECK(frames[n].is_key);
    const GstMemory* memory = gst_buffer_peek_memory(frames[n].buffer.get(), 0);
    CHECK(GST_MEMORY_IS_READONLY(memory));
    CHECK(memory->parent != nullptr);  // a share, and no copy
  }
  CHECK(raw->ended && encoded->ended);
}

TEST("an output that writes into its frames writes into nobody else's") {
  const Folder folder;
  const auto lane = broadcast();
  const auto before = std::make_shared<Watcher>();
  const auto after = std::make_shared<Watcher>();
  lane->raw_fan_out().add(before);
  const auto dark = lane->add_raw_output(
      raw_recipe("dark", {{"videobalance", {{"brightness", -1.0}}, {}, ""}, {"fakesink", {}, {}, ""}}));
  lane->raw_fan_out().add(after);
  lane->add_output(waiting_recipe("mkv", folder / "a.mkv"));
  lane->start(kSize, x264());
  for (int n = 0; n < 60; ++n) {
    CHECK(put(lane->intake(), NumberedFrame(n)));
    if (n % 2 == 0)
      CHECK(soon([&] { return dark->stats().units_sent + dark->stats().units_dropped > static_cast<unsigned>(n); }));
  }
  CHECK(stop(*lane));
  CHECK(dark->stats().units_sent > 0 && dark->state() == Output::State::stopped);
  CHECK(is_sequence(before->taken(), 0, 59));
  CHECK(is_sequence(after->taken(), 0, 59));
  const Recording found = read_recording(folder / "a.mkv");
  CHECK_SAY(found.is_exactly(0, 59), found.text());
}

TEST("raw outputs come and go while frames flow, and the file beside them is complete") {
  const Folder folder;
  const auto lane = broadcast();
  lane->add_output(waiting_recipe("mkv", folder / "a.mkv"));
  lane->start(kSize, x264());
  std::atomic<bool> done{false};
  std::thread changer([&] {
    while (!done) {
      const auto output = lane->add_raw_output(raw_recipe("null", {{"fakesink", {}, {}, ""}}));
      soon([&] { return done || output->stats().units_sent > 2; });
      CHECK(lane->remove_output(output, Deadline::in_seconds(10), {}));
      CHECK(adds_up(output->stats()));
    }
  });
  for (int n = 0; n < 300; ++n) CHECK(put(lane->intake(), NumberedFrame(n)));
  done = true;
  changer.join();
  CHECK(stop(*lane));
  CHECK(counts_add_up(*lane));
  const Recording found = read_recording(folder / "a.mkv");
  CHECK_SAY(found.is_exactly(0, 299), found.text());
}

TEST("a slow raw output keeps the newest frames and holds nobody up") {
  const auto lane = broadcast();
  const auto slow = lane->add_raw_output(
      raw_recipe("slow", {{"identity", {{"sleep-time", std::int64_t{100'000}}}, {}, ""}, {"fakesink", {}, {}, ""}}));
  const auto all = std::make_shared<Watcher>();
  lane->raw_fan_out().add(all);
  lane->start_raw(kSize, {});
  for (int n = 0; n < 50; ++n) CHECK(put(lane->intake(), NumberedFrame(n)));
  CHECK(soon([&] { return all->count() == 50; }));
  CHECK(slow->stats().units_queued <= 3);
  CHECK(slow->stats().units_dropped > 30);
  CHECK(adds_up(slow->stats()));
  CHECK(stop(*lane));
}

TEST("with raw outputs alone nothing is encoded, and frames go on as they came") {
  const auto lane = broadcast();
  const auto raw = std::make_shared<Watcher>();
  lane->raw_fan_out().add(raw);
  lane->start_raw({161, 121}, {});
  CHECK_EQ(lane->encoders().size(), std::size_t{0});
  for (int n = 0; n < 20; ++n) {
    const auto frame = std::make_shared<NumberedFrame>(n, 161, 121);
    CHECK(n % 3 == 0   ? put(lane->intake(), *frame)
          : n % 3 == 1 ? lend(lane->intake(), frame)
                       : acquire(lane->intake(), *frame));
    CHECK(counts_add_up(*lane));
    CHECK(!lane->force_keyframe());
  }
  CHECK(stop(*lane));
  CHECK(is_sequence(raw->taken(), 0, 19));
  GstVideoInfo info;
  gst_video_info_from_caps(&info, raw->taken().front().caps.get());
  CHECK_EQ(GST_VIDEO_INFO_FORMAT(&info), GST_VIDEO_FORMAT_BGR);
  CHECK_EQ(GST_VIDEO_INFO_WIDTH(&info), 161);
  CHECK_EQ(lane->stats().intake.frames.frames_encoded, std::uint64_t{20});
  CHECK_EQ(lane->stats().bytes_encoded, std::uint64_t{0});
  raw->units.clear();
  ReleaseQueue::instance().drain();
  CHECK_EQ(ReleaseQueue::live(), std::size_t{0});
}

TEST("a sink that knows no strides gets GStreamer's own rows") {
  const Folder folder;
  const auto lane = broadcast();
  Recipe recipe = raw_recipe("file", {{"filesink", {{"async", false}, {"sync", false}}, {}, ""}});
  recipe.location = folder / "frames";
  const auto output = lane->add_raw_output(recipe);
  lane->start_raw({161, 121}, {});
  for (int n = 0; n < 5; ++n) {
    const auto frame = std::make_shared<NumberedFrame>(n, 161, 121);
    CHECK(n % 2 == 0 ? put(lane->intake(), *frame) : lend(lane->intake(), frame));
    CHECK(soon([&] { return output->stats().units_sent == static_cast<unsigned>(n + 1); }));
  }
  CHECK(stop(*lane));
  std::ifstream file(folder / "frames", std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  constexpr std::size_t stride = 484, frame_size = stride * 121;
  CHECK_EQ(bytes.size(), 5 * frame_size);
  for (std::size_t n = 0; n < 5; ++n) {
    const NumberedFrame frame(static_cast<int>(n), 161, 121);
    for (std::size_t row = 0; row < 121; ++row) {
      CHECK_SAY(std::memcmp(bytes.data() + n * frame_size + row * stride, frame.bytes().data() + row * 483, 483) == 0,
                std::to_string(n) + "/" + std::to_string(row));
    }
  }
}

TEST("an encoder that joins a stream of frames encodes from the next one on") {
  const Folder folder;
  const auto lane = broadcast();
  const auto raw = std::make_shared<Watcher>();
  lane->raw_fan_out().add(raw);
  lane->start_raw(kSize, {});
  for (int n = 0; n < 20; ++n) CHECK(put(lane->intake(), NumberedFrame(n)));
  CHECK(settled(*lane));
  const auto file = lane->add_output(waiting_recipe("mp4", folder / "late.mp4"));
  lane->add_encoder(x264());
  CHECK_EQ(lane->encoders().size(), std::size_t{1});
  for (int n = 20; n < 60; ++n) {
    if (n == 40) {
      CHECK(soon([&] { return file->stats().units_in == 20; }));
      CHECK(lane->force_keyframe());
    }
    CHECK(put(lane->intake(), NumberedFrame(n)));
    CHECK(counts_add_up(*lane));
  }
  CHECK(stop(*lane));
  CHECK_EQ(lane->stats().key_units, std::uint64_t{2});
  CHECK_EQ(file->stats().latency.since_start->count, std::uint64_t{40});
  CHECK(is_sequence(raw->taken(), 0, 59));
  const Recording found = read_recording(folder / "late.mp4");
  CHECK_SAY(found.is_exactly(20, 59) && found.start_s == 0, found.text());
}

TEST("a late encoder rests while no output of units is there, and begins again with a key unit") {
  const auto lane = broadcast();
  lane->raw_fan_out().add(std::make_shared<Watcher>());
  lane->start_raw(kSize, {});
  lane->add_encoder(x264());
  const auto first = std::make_shared<Watcher>();
  lane->fan_out().add(first);
  for (int n = 0; n < 10; ++n) CHECK(put(lane->intake(), NumberedFrame(n)));
  CHECK(soon([&] { return first->count() == 10; }));
  lane->fan_out().remove(first.get());
  for (int n = 10; n < 20; ++n) CHECK(put(lane->intake(), NumberedFrame(n)));
  CHECK(settled(*lane));
  const std::uint64_t bytes = lane->stats().bytes_encoded;
  const auto second = std::make_shared<Watcher>();
  lane->fan_out().add(second);
  for (int n = 20; n < 30; ++n) CHECK(put(lane->intake(), NumberedFrame(n)));
  CHECK(stop(*lane));
  CHECK_EQ(second->count(), std::size_t{10});
  CHECK(second->taken().front().is_key);
  CHECK(lane->stats().bytes_encoded > bytes);
  CHECK_EQ(unwatched(*lane), std::uint64_t{0});
}

TEST("an encoder cannot join after stop, nor where it does not exist") {
  const auto lane = broadcast();
  lane->raw_fan_out().add(std::make_shared<Watcher>());
  lane->start_raw(kSize, {});
  EncoderSettings missing = x264();
  missing.chain.front().factory = "no-such-encoder";
  CHECK_THROWS(lane->add_encoder(missing), MissingElementError);
  CHECK(put(lane->intake(), NumberedFrame()));
  CHECK(stop(*lane));
  CHECK_THROWS(lane->add_encoder(x264()), StateError);
}

TEST("while nobody watches frames are turned away, from the first key unit on until somebody does") {
  const auto lane = broadcast();
  const auto viewer = std::make_shared<Watcher>();
  viewer->wants = false;
  lane->fan_out().add(viewer);
  lane->start(kSize, x264());
  int taken = 0;
  while (lane->stats().key_units == 0 && taken < 100) taken += put(lane->intake(), NumberedFrame(taken)) ? 1 : 0;
  CHECK(settled(*lane));
  CHECK_EQ(lane->stats().key_units, std::uint64_t{1});
  const std::uint64_t dropped_before = unwatched(*lane);  // let in, and then spared in front of the encoder
  const std::size_t units_before = viewer->count();
  for (int n = 0; n < 50; ++n) {
    CHECK(!put(lane->intake(), NumberedFrame(n)));
    CHECK(!lend(lane->intake(), std::make_shared<NumberedFrame>(n)));
    CHECK(counts_add_up(*lane));
  }
  CHECK_EQ(unwatched(*lane), dropped_before + 100);
  CHECK_EQ(viewer->count(), units_before);
  viewer->wants = true;
  for (int n = 0; n < 10; ++n) CHECK(put(lane->intake(), NumberedFrame(n)));
  CHECK(stop(*lane));
  CHECK(counts_add_up(*lane));
  CHECK_EQ(viewer->count(), units_before + 10);
  CHECK(viewer->taken()[units_before].is_key);
}

TEST("a file beside an output that nobody watches keeps the encoder at work") {
  const Folder folder;
  const auto lane = broadcast();
  const auto viewer = std::make_shared<Watcher>();
  viewer->wants = false;
  lane->fan_out().add(viewer);
  lane->add_output(waiting_recipe("mkv", folder / "a.mkv"));
  lane->start(kSize, x264());
  for (int n = 0; n < 60; ++n) CHECK(put(lane->intake(), NumberedFrame(n)));
  CHECK(stop(*lane));
  CHECK_EQ(unwatched(*lane), std::uint64_t{0});
  const Recording found = read_recording(folder / "a.mkv");
  CHECK_SAY(found.is_exactly(0, 59), found.text());
}

TEST("with somebody at the screen only the encoder is spared, and every frame is counted") {
  const auto lane = broadcast();
  const auto viewer = std::make_shared<Watcher>();
  const auto screen = std::make_shared<Watcher>();
  lane->fan_out().add(viewer);
  lane->raw_fan_out().add(screen);
  lane->start(kSize, x264());
  for (int n = 0; n < 100; ++n) {
    if (n % 20 == 10) {
      CHECK(settled(*lane));
      viewer->wants = n % 40 == 30;
    }
    CHECK(put(lane->intake(), NumberedFrame(n)));
    CHECK(counts_add_up(*lane));
  }
  CHECK(settled(*lane));
  CHECK(stop(*lane));
  // Watched: 0…9, 30…49, 70…89.
  CHECK_EQ(viewer->count(), std::size_t{50});
  CHECK_EQ(unwatched(*lane), std::uint64_t{50});
  CHECK_EQ(lane->stats().intake.frames.frames_encoded, std::uint64_t{50});
  CHECK(is_sequence(screen->taken(), 0, 99));
  const auto units = viewer->taken();
  for (const std::size_t first : {0U, 10U, 30U}) CHECK(units[first].is_key);
  CHECK_EQ(lane->stats().key_units, std::uint64_t{3});
}

TEST("viewers that come and go while eight threads put: the books add up at every look") {
  const auto lane = broadcast();
  const auto viewer = std::make_shared<Watcher>();
  lane->fan_out().add(viewer);
  lane->start(kSize, x264());
  std::atomic<bool> done{false};
  std::thread changer([&] {
    for (bool wants = false; !done; wants = !wants) {
      viewer->wants = wants;
      std::this_thread::sleep_for(std::chrono::milliseconds(3));
      CHECK(counts_add_up(*lane));
    }
  });
  std::vector<std::thread> putters;
  for (int thread = 0; thread < 8; ++thread) {
    putters.emplace_back([&] {
      for (int n = 0; n < 100; ++n) put(lane->intake(), NumberedFrame(n));
    });
  }
  for (auto& putter : putters) putter.join();
  done = true;
  changer.join();
  CHECK(stop(*lane));
  CHECK(counts_add_up(*lane));
  CHECK_EQ(lane->stats().intake.frames.frames_in, std::uint64_t{800});
  CHECK_EQ(lane->stats().intake.frames.frames_encoded + unwatched(*lane), std::uint64_t{800});
  CHECK_EQ(viewer->count(), static_cast<std::size_t>(lane->stats().intake.frames.frames_encoded));
}
