// What goes wrong with an output, and that nothing but that output notices.
#include <sys/fsuid.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "check.h"
#include "numbered_lane.h"
#include "output/pipeline_output.h"
#include "recording.h"
#include "stage.h"

using namespace skyline;

namespace {

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

TEST("a pipe that nobody reads speaks too, instead of waiting for a reader") {
  Folder folder;
  Stage stage;
  mkfifo((folder / "pipe").c_str(), 0600);
  std::string domain;
  const std::string said = open_error(stage, folder / "pipe", &domain);
  CHECK_EQ(domain, std::string("resource"));
  CHECK_SAY(said.find("nobody reads this pipe") != std::string::npos, said);
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
  CHECK(stage.remove(steady));
  const Recording found = read_recording(folder / "steady.ts");
  CHECK_SAY(found.is_exactly(0, 599), found.text());
}
