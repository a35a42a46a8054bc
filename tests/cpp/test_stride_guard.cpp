// Rows that lie otherwise than the caps say: copied for elements that would misread them, and only for those.
#include <algorithm>
#include <fstream>
#include <iterator>

#include "check.h"
#include "frames.h"
#include "gated_pipeline.h"
#include "lane/raw_caps.h"
#include "pipeline/app_source.h"
#include "pipeline/stride_guard.h"
#include "recording.h"

using namespace skyline;

namespace {

constexpr int kFrames = 3;

// Runs frames of this array through the description, guarded, and says how many were copied.
std::uint64_t copies(const std::string& behind, const std::shared_ptr<Array>& array, Format format, FrameSize size) {
  GatedPipeline pipeline("appsrc name=source ! " + behind);
  StrideGuard guard;
  int passed = 0;
  guard.watch(PadPtr::adopt(gst_element_get_static_pad(pipeline.source(), "src")).get(), [&] { ++passed; });
  AppSource source(pipeline.source(), false, {});
  const FrameLayout layout(array->strided(), format, size);
  source.set_caps(raw_caps(format, layout.width(), layout.height(), {30, 1}, {}).get());
  pipeline.play();
  for (int n = 0; n < kFrames; ++n) {
    BufferPtr buffer = wrap_frame(layout, std::make_unique<LentFrame<Array>>(array));
    GST_BUFFER_PTS(buffer.get()) = static_cast<GstClockTime>(n) * 33'333'333;
    source.push(std::move(buffer));
  }
  source.end_of_stream();
  CHECK(pipeline.wait_eos());
  pipeline.stop();
  CHECK_EQ(passed, kFrames);
  CHECK_EQ(ReleaseQueue::instance().drain(), std::size_t{kFrames});
  return guard.copied_frames();
}

std::vector<std::uint8_t> contents(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// The rows of `array`, each followed by padding up to `stride`; the padding's bytes do not matter.
bool has_rows(const std::vector<std::uint8_t>& bytes, std::size_t at, const Array& array, std::size_t row_bytes,
              std::size_t stride) {
  const std::vector<std::uint8_t> packed = array.in_order();
  for (std::size_t row = 0; row * row_bytes < packed.size(); ++row) {
    const auto* expected = &packed[row * row_bytes];
    if (!std::equal(expected, expected + row_bytes, &bytes[at + row * stride])) return false;
  }
  return true;
}

}  // namespace

TEST("filesink, which knows no GstVideoMeta, gets GStreamer's default rows") {
  const Folder folder;
  const std::string sink = "filesink name=sink location=" + (folder / "raw");
  const auto narrow = std::make_shared<Array>(std::vector<std::ptrdiff_t>{4, 5, 3});
  CHECK_EQ(copies(sink, narrow, Format::BGR, {}), std::uint64_t{kFrames});
  std::vector<std::uint8_t> written = contents(folder / "raw");
  CHECK_EQ(written.size(), std::size_t{kFrames * 4 * 16});
  for (std::size_t n = 0; n < kFrames; ++n) CHECK(has_rows(written, n * 64, *narrow, 15, 16));

  const auto crop = std::make_shared<Array>(std::vector<std::ptrdiff_t>{10, 20, 3});
  crop->shape = {4, 8, 3};
  CHECK_EQ(copies(sink, crop, Format::BGR, {}), std::uint64_t{kFrames});
  written = contents(folder / "raw");
  CHECK_EQ(written.size(), std::size_t{kFrames * 4 * 24});
  CHECK(has_rows(written, 0, *crop, 24, 24));

  const auto planes = std::make_shared<Array>(std::vector<std::ptrdiff_t>{6, 6});  // I420 6x4: rows of 6 and 3
  CHECK_EQ(copies(sink, planes, Format::I420, {}), std::uint64_t{kFrames});
  written = contents(folder / "raw");
  CHECK_EQ(written.size(), std::size_t{kFrames * (4 * 8 + 2 * 2 * 4)});
  CHECK(std::equal(written.begin() + 8, written.begin() + 14, planes->memory.begin() + 6));
  CHECK(std::equal(written.begin() + 32, written.begin() + 35, planes->memory.begin() + 24));
}

TEST("nothing is copied where the rows are GStreamer's own, whatever is downstream") {
  const auto wide = std::make_shared<Array>(std::vector<std::ptrdiff_t>{4, 8, 3});
  CHECK_EQ(copies("filesink name=sink location=/dev/null", wide, Format::BGR, {}), std::uint64_t{0});
}

TEST("elements that read GstVideoMeta get the frame as it lies") {
  const auto crop = std::make_shared<Array>(std::vector<std::ptrdiff_t>{80, 120, 3});
  crop->shape = {64, 64, 3};
  CHECK_EQ(copies("videoconvert ! video/x-raw,format=I420 ! fakesink name=sink", crop, Format::BGR, {}),
           std::uint64_t{0});
  const auto planes = std::make_shared<Array>(std::vector<std::ptrdiff_t>{96, 66});
  CHECK_EQ(copies("x264enc tune=zerolatency ! fakesink name=sink", planes, Format::I420, {}), std::uint64_t{0});
  CHECK_EQ(copies("queue ! videoconvert ! video/x-raw,format=NV12 ! x264enc tune=zerolatency ! fakesink name=sink",
                  crop, Format::BGR, {}),
           std::uint64_t{0});
}
