// What goes wrong with an output, and that nothing but that output notices.
#include <fcntl.h>
#include <sys/fsuid.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include <csignal>

#include "check.h"
#include "numbered_lane.h"
#include "output/output.h"
#include "recording.h"
#include "stage.h"

using namespace skyline;

namespace {

// A pipe with a reader who does not read: what is written stops after 64 KiB.
class StalledPipe {
 public:
  explicit StalledPipe(const std::string& path) : path_(path) {
    std::signal(SIGPIPE, SIG_IGN);  // as Python does: a reader that goes is EPIPE, not the end of us
    mkfifo(path.c_str(), 0600);
    reader_ = ::open(path.c_str(), O_RDWR | O_NONBLOCK);
  }
  ~StalledPipe() { close_reader(); }
  void close_reader() {
    if (reader_ >= 0) ::close(reader_);
    reader_ = -1;
  }
  void read_some(std::size_t bytes) {
    std::vector<char> data(bytes);
    while (bytes > 0) {
      const ssize_t got = ::read(reader_, data.data(), bytes);
      if (got <= 0) return;
      bytes -= static_cast<std::size_t>(got);
    }
  }

 private:
  std::string path_;
  int reader_ = -1;
};

std::string open_error(Stage& stage, const std::string& path, std::string* domain) {
  const auto output = stage.make(file_recipe("mp4", path));
  try {
    output->open();
  } catch (const PipelineError& error) {
    *domain = error.error.domain;
    CHECK(!output->finish(Deadline::in_seconds(5), {}));
    return error.error.element + ": " + error.error.message;
  }
  return "opened";
}

}  // namespace

TEST("a path that cannot be opened speaks at once, in the sink's words") {
  Folder folder;
  Stage stage;
  std::filesystem::create_directory(folder / "taken");
  for (const std::string& path : {folder / "missing/x.mp4", folder / "taken", folder / std::string(300, 'x')}) {
    std::string domain;
    const std::string said = open_error(stage, path, &domain);
    CHECK_EQ(domain, std::string("resource"));
    CHECK_SAY(said.find("filesink: Could not open file") == 0 && said.find(path) != std::string::npos, said);
  }
}

TEST("a directory that may not be written speaks at once") {
  Folder folder;
  Stage stage;
  std::filesystem::create_directory(folder / "closed");
  std::filesystem::permissions(folder / "closed", std::filesystem::perms::owner_read | std::filesystem::perms::owner_exec);
  // Permissions do not bind root. The file system's idea of who we are changes for this thread alone.
  if (geteuid() == 0) setfsuid(65534);
  std::string domain;
  const std::string said = open_error(stage, folder / "closed/x.mp4", &domain);
  if (geteuid() == 0) setfsuid(0);
  CHECK_EQ(domain, std::string("resource"));
  CHECK_SAY(said.find("filesink: Could not open file") == 0, said);
}

TEST("a wrong chain is an error of its own kind") {
  Stage stage;
  Recipe recipe = file_recipe("mp4", "/tmp/never.mp4");
  recipe.chain[1].factory = "nomux";
  CHECK_THROWS(stage.make(recipe)->open(), MissingElementError);
  recipe = file_recipe("mp4", "/tmp/never.mp4");
  recipe.chain[1].properties.emplace_back("no-such", true);
  CHECK_THROWS(stage.make(recipe)->open(), SinkError);
  recipe.chain.clear();
  CHECK_THROWS(stage.make(recipe)->open(), SinkError);
  CHECK(!std::filesystem::exists("/tmp/never.mp4"));
}

TEST("a full device fails its output, wakes who waits, and leaves the neighbour alone") {
  for (const bool waits : {false, true}) {
    Folder folder;
    Stage stage;
    NumberedLane lane(stage.fan_out);
    Recipe recipe = file_recipe("mkv", "/dev/full");
    recipe.waits = waits;
    recipe.bounds = {5, 0};
    const auto broken = stage.add(recipe);
    const auto steady = stage.add(file_recipe("mp4", folder / "steady.mp4"));
    lane.push(90);
    CHECK(soon([&] { return broken->state() == Output::State::failed; }));
    lane.push(30);
    CHECK(!stage.remove(broken));
    CHECK_EQ(broken->failure()->error()->domain, std::string("resource"));
    CHECK_EQ(broken->failure()->error()->code, static_cast<int>(GST_RESOURCE_ERROR_NO_SPACE_LEFT));
    const OutputStats stats = broken->stats();
    CHECK_EQ(stats.units_in, std::uint64_t{120});
    CHECK(adds_up(stats));
    CHECK_EQ(stats.units_queued, std::uint64_t{0});
    int failed = 0;
    for (const auto& event : stage.all_events()) failed += event.kind == "failed" ? 1 : 0;
    CHECK_EQ(failed, 1);
    CHECK(stage.remove(steady));
    const Recording found = read_recording(folder / "steady.mp4");
    CHECK_SAY(found.is_exactly(0, 119), found.text());
  }
}

TEST("a disk that runs full keeps what was written") {
  for (const std::string kind : {"mp4", "mkv", "ts"}) {
    Folder folder;
    std::filesystem::create_directory(folder / "small");
    if (mount("none", (folder / "small").c_str(), "tmpfs", 0, "size=256k") != 0) SKIP("no right to mount a tmpfs");
    {
      Stage stage;
      NumberedLane lane(stage.fan_out);
      const auto output = stage.add(file_recipe(kind, folder / "small/full.bin"));
      lane.push(300);
      CHECK(soon([&] { return output->failure()->happened(); }));
      CHECK(!stage.remove(output));
      CHECK_EQ(output->failure()->error()->code, static_cast<int>(GST_RESOURCE_ERROR_NO_SPACE_LEFT));
      CHECK(adds_up(output->stats()));
      const Recording found = read_recording(folder / "small/full.bin");
      CHECK_SAY(found.numbers.size() > 15 && found.begins_with_key, kind + ": " + found.text());
    }
    umount((folder / "small").c_str());
  }
}

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
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  CHECK(lane.units() < 120);  // stuck behind the reader
  OutputStats stats = output->stats();
  CHECK(adds_up(stats));
  CHECK_EQ(stats.units_queued, std::uint64_t{3});
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

TEST("two hundred outputs come and go: threads and files stay") {
  Folder folder;
  Stage stage;
  NumberedLane lane(stage.fan_out);
  const auto steady = stage.add(file_recipe("ts", folder / "steady.ts"));
  int threads_before = 0;
  int files_before = 0;
  const char* kinds[] = {"mp4", "mkv", "ts", "h264"};
  for (int n = 0; n < 200; ++n) {
    if (n == 20) {
      threads_before = threads();
      files_before = open_files();
    }
    auto output = stage.add(file_recipe(kinds[n % 4], n % 10 == 9 ? "/dev/full" : folder / "come-and-go"));
    lane.push(3);
    if (n % 7 == 6) {
      stage.fan_out.remove(output.get());  // aborted without finish()
    } else if (n % 10 != 9) {
      CHECK(stage.remove(output));
    } else {
      stage.remove(output);
    }
  }
  CHECK(soon([&] { return threads() <= threads_before && open_files() <= files_before; }));
  CHECK_EQ(threads(), threads_before);
  CHECK_EQ(open_files(), files_before);
  CHECK(stage.remove(steady));
  const Recording found = read_recording(folder / "steady.ts");
  CHECK_SAY(found.is_exactly(0, 599), found.text());
}
