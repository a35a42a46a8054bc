// put, lend and acquire into files, in a lane and in a description, then the end of GStreamer in this process:
// what the leak checks and valgrind run. argv[1] is the directory to write to.
#include <cstdio>
#include <string>

#include "gst/runtime.h"
#include "lanes.h"
#include "recording.h"

using namespace skyline;

namespace {

bool push_all(Lane& lane, int frames) {
  bool taken = true;
  for (int n = 0; n < frames; ++n) {
    const auto frame = std::make_shared<NumberedFrame>(n);
    taken = (n % 3 == 0   ? put(lane.intake(), *frame)
             : n % 3 == 1 ? lend(lane.intake(), frame)
                          : acquire(lane.intake(), *frame)) &&
            taken;
  }
  return taken;
}

bool record(const std::string& folder) {
  const auto lane = broadcast();
  for (const char* kind : {"mp4", "mkv", "ts"}) {
    Recipe recipe = file_recipe(kind, folder + "/three." + kind);
    recipe.waits = true;
    lane->add_output(recipe);
  }
  Recipe parts = file_recipe("mp4", "");
  parts.parts = PartNames{folder + "/part-", 2, ".mp4"};
  parts.part_ns = 400'000'000;
  parts.waits = true;
  const auto output = lane->add_output(parts);
  lane->start({160, 120}, x264());
  const bool taken = push_all(*lane, 60);
  return stop(*lane) && taken && output->stats().parts > 1;
}

bool describe(const std::string& folder) {
  const auto lane =
      described_lane("appsrc ! videoconvert ! x264enc tune=zerolatency ! matroskamux ! filesink location=" + folder +
                     "/described.mkv");
  lane->start({161, 121});
  bool taken = true;
  for (int n = 0; n < 9; ++n) taken = lend(lane->intake(), std::make_shared<NumberedFrame>(n, 161, 121)) && taken;
  return stop(*lane) && taken;
}

// A stream that fails has an end too.
bool fail() {
  const auto lane = broadcast();
  Recipe full = file_recipe("mkv", "/dev/full");
  full.waits = true;
  lane->add_output(full);
  lane->start({160, 120}, x264());
  try {
    push_all(*lane, 300);
  } catch (const PipelineError&) {
    return !stop(*lane);
  }
  return !stop(*lane);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  const bool ok = record(argv[1]) && describe(argv[1]) && fail();
  ReleaseQueue::instance().drain();
  const std::size_t live = ReleaseQueue::live();
  deinit_runtime();
  std::printf("%s, %zu lent frames still out\n", ok ? "recorded" : "FAILED", live);
  return ok && live == 0 ? 0 : 1;
}
