// What the conversions touch and what they refuse: pages without access, sizes, strides, names.
#include <sys/mman.h>
#include <unistd.h>

#include <memory>
#include <stdexcept>

#include "check.h"
#include "frame/frame_convert.h"
#include "picture.h"
#include "report/errors.h"

using namespace skyline;

namespace {

// Memory with a page on either side that must not be touched.
class Fenced {
 public:
  Fenced() : page_(static_cast<std::size_t>(sysconf(_SC_PAGESIZE))) {
    void* memory = mmap(nullptr, kPages * page_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) throw std::runtime_error("no memory");
    start_ = static_cast<std::uint8_t*>(memory);
    mprotect(start_ + page_, (kPages - 2) * page_, PROT_READ | PROT_WRITE);
  }
  ~Fenced() { munmap(start_, kPages * page_); }
  Fenced(const Fenced&) = delete;
  Fenced& operator=(const Fenced&) = delete;

  std::uint8_t* place(std::size_t bytes, bool at_end) const {
    return at_end ? start_ + (kPages - 1) * page_ - bytes : start_ + page_;
  }

 private:
  static constexpr std::size_t kPages = 4;
  std::size_t page_;
  std::uint8_t* start_ = nullptr;
};

using Fences = std::array<Fenced, 3>;

MutableFrameView fenced_view(const Fences& fences, Format format, int width, int height, bool at_end) {
  MutableFrameView view;
  view.format = format;
  view.width = width;
  view.height = height;
  for (int plane = 0; plane < plane_count(format); ++plane) {
    const auto at = static_cast<std::size_t>(plane);
    const std::size_t row = plane_row_bytes(format, plane, width);
    const auto rows = static_cast<std::size_t>(plane_rows(format, plane, height));
    view.plane[at] = fences[at].place(row * rows, at_end);
    view.stride[at] = static_cast<std::ptrdiff_t>(row);
  }
  return view;
}

}  // namespace

TEST("no byte before or after a frame is read or written") {
  const auto sources = std::make_unique<Fences>();
  const auto results = std::make_unique<Fences>();
  std::vector<std::string> targets = simd_targets();
  targets.emplace_back("plain");
  for (int pair = 0; pair < kFormatCount * kFormatCount; ++pair) {
    const auto from = static_cast<Format>(pair / kFormatCount);
    const auto to = static_cast<Format>(pair % kFormatCount);
    for (int width = 1; width <= 200; ++width) {
      for (const int height : {1, 2, 3}) {
        for (const bool at_end : {false, true}) {
          const FrameView source = fenced_view(*sources, from, width, height, at_end).as_const();
          const MutableFrameView result = fenced_view(*results, to, width, height, at_end);
          for (const std::string& target : targets) {
            use_simd_target(target);
            convert_frame(source, result, {});
          }
        }
      }
    }
  }
  use_simd_target("");
}

TEST("sizes that do not fit are refused with a reason") {
  Picture bgr(Format::BGR, 33, 17);
  const auto refused = [&](Format to, int width, int height) {
    Picture result(to, width, height);
    CHECK_THROWS(convert_frame(bgr.source(), result.view(), {}), FrameError);
    CHECK_THROWS(convert_frame_plain(bgr.source(), result.view(), {}), FrameError);
  };
  refused(Format::GRAY8, 32, 17);
  refused(Format::RGB, 33, 19);
  refused(Format::I420, 32, 17);
  refused(Format::I420, 35, 17);
  refused(Format::I420, 33, 16);
  refused(Format::I420, 34, 20);
  Picture even(Format::BGR, 34, 18);
  Picture larger(Format::I420, 35, 18);
  CHECK_THROWS(convert_frame(even.source(), larger.view(), {}), FrameError);
  try {
    Picture gray(Format::GRAY8, 33, 16);
    convert_frame(bgr.source(), gray.view(), {});
  } catch (const FrameError& error) {
    CHECK_SAY(std::string(error.what()).find("BGR 33x17 to GRAY8 33x16") != std::string::npos, error.what());
  }
}

TEST("views without memory, without pixels or with overlapping rows are refused") {
  Picture bgr(Format::BGR, 32, 16);
  Picture yuv(Format::I420, 32, 16);
  MutableFrameView to = yuv.view();
  to.plane[2] = nullptr;
  CHECK_THROWS(convert_frame(bgr.source(), to, {}), FrameError);
  to = yuv.view();
  to.stride[0] = 31;
  CHECK_THROWS(convert_frame(bgr.source(), to, {}), FrameError);
  FrameView from = bgr.source();
  from.plane[0] = nullptr;
  CHECK_THROWS(convert_frame(from, yuv.view(), {}), FrameError);
  from = bgr.source();
  from.width = 0;
  to = yuv.view();
  to.width = 0;
  CHECK_THROWS(convert_frame(from, to, {}), FrameError);
}

TEST("SIMD targets are known by name") {
  for (const std::string& target : simd_targets()) use_simd_target(target);
  use_simd_target("plain");
  use_simd_target("");
  CHECK_THROWS(use_simd_target("AVX9"), SinkError);
  if (std::getenv("SKYLINE_SIMD") == nullptr)
    CHECK_EQ(simd_target_in_use(), simd_targets().empty() ? "plain" : simd_targets().front());
  use_simd_target("plain");
  CHECK_EQ(simd_target_in_use(), "plain");
  use_simd_target("");
#if SKYLINE_HAVE_HIGHWAY && (defined(__x86_64__) || defined(__aarch64__))
  CHECK(!simd_targets().empty());
#endif
}

TEST("formats have GStreamer's names, planes and sizes") {
  for (int index = 0; index < kFormatCount; ++index) {
    const auto format = static_cast<Format>(index);
    CHECK(format_from_name(format_name(format)) == format);
    CHECK_EQ(std::string(format_name(format)), gst_video_format_to_string(to_gst(format)));
    GstVideoInfo info;
    gst_video_info_set_format(&info, to_gst(format), 64, 48);  // sizes GStreamer does not pad
    CHECK_EQ(frame_bytes(format, 64, 48), info.size);
    CHECK_EQ(plane_count(format), static_cast<int>(GST_VIDEO_INFO_N_PLANES(&info)));
    if (!is_planar(format)) CHECK_EQ(pixel_bytes(format), GST_VIDEO_INFO_COMP_PSTRIDE(&info, 0));
  }
  CHECK_EQ(frame_bytes(Format::I420, 3, 3), std::size_t{9 + 4 + 4});
  CHECK_EQ(frame_bytes(Format::NV12, 3, 3), std::size_t{9 + 8});
  CHECK_EQ(plane_row_bytes(Format::NV12, 1, 3), std::size_t{4});
  CHECK_THROWS(format_from_name("YUY2"), SinkError);
  try {
    format_from_name("YUY2");
  } catch (const SinkError& error) {
    CHECK_SAY(std::string(error.what()).find("BGR RGB BGRA") != std::string::npos, error.what());
  }
}
