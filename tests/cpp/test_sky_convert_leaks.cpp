// A thousand changes of caps in one stream: nothing is left of any of them. A program of its own, because
// GStreamer's leaks tracer is chosen before GStreamer starts and reports when it ends.
#include <malloc.h>
#include <stdlib.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>

#include "converting.h"
#include "gst/runtime.h"

using namespace skyline;

namespace {

struct Log {
  Log() {
    CHECK(mkstemp(name) >= 0);
    setenv("GST_DEBUG_FILE", name, 1);
    setenv("GST_DEBUG", "GST_TRACER:7", 1);
    setenv("GST_DEBUG_NO_COLOR", "1", 1);
    setenv("GST_TRACERS", "leaks", 1);
  }
  ~Log() { std::remove(name); }
  int lines_with(const std::string& word) const {
    std::ifstream file(name);
    int count = 0;
    for (std::string line; std::getline(file, line);) {
      if (line.find(word) != std::string::npos) ++count;
    }
    return count;
  }
  char name[32] = "/tmp/skyconvert-leaks-XXXXXX";
};

// By turns through a kernel, through GStreamer's converter, and untouched; no two alike in a row.
void change_caps(const Running& running, int round) {
  constexpr Format formats[] = {Format::BGR, Format::GRAY16_LE, Format::RGBA, Format::I420, Format::NV12};
  const Format format = formats[round % 5];
  const int width = 16 + 2 * (round % 7), height = 10 + 2 * (round % 3);
  const char* colours = round % 2 == 0 && is_planar(format) ? ",colorimetry=bt2020" : "";
  const ElementPtr in = running.element("in");
  gst_app_src_set_caps(GST_APP_SRC(in.get()), caps_of(raw_caps(format, width, height) + colours).get());
  running.push(buffer_of(Picture(format, width, height), round % 2 == 0),
               static_cast<GstClockTime>(round) * kMillisecond);
  const SamplePtr sample = running.pull();
  CHECK_SAY(sample, running.error());
}

}  // namespace

TEST("a thousand changes of caps leave nothing behind") {
  const Log log;
  start_gstreamer();
  {
    const Running running(raw_caps(Format::BGR, 16, 10), "video/x-raw,format={I420,YUY2},colorimetry=bt601");
    std::size_t early = 0;
    for (int round = 0; round < 1000; ++round) {
      change_caps(running, round);
      if (round == 210) early = mallinfo2().uordblks;
    }
    const std::size_t late = mallinfo2().uordblks;  // under a sanitizer both are 0
    CHECK_SAY(late < early + 100'000, std::to_string(early) + " bytes in use, later " + std::to_string(late));
  }
  deinit_runtime();
  if (log.lines_with("object-alive.class") == 0) SKIP("no leaks tracer");
  CHECK_EQ(log.lines_with("object-alive, type-name=(string)") - log.lines_with("object-alive, type-name=(string)%s"),
           0);
}
