// What the kernels leave to GStreamer's converter, inside the same element, and the sizes at the edges.
#include <algorithm>
#include <cstdlib>
#include <utility>

#include "converting.h"

using namespace skyline;

namespace {

std::string sized(const std::string& format, int width, int height, const std::string& fields = "") {
  return "video/x-raw,format=" + format + ",width=" + std::to_string(width) + ",height=" + std::to_string(height) +
         ",framerate=25/1" + fields;
}

GstVideoInfo info_of(const std::string& caps) {
  GstVideoInfo info;
  gst_video_info_from_caps(&info, caps_of(caps).get());
  return info;
}

BufferPtr gray_buffer(const std::string& caps) {
  const gsize bytes = info_of(caps).size;
  BufferPtr buffer = BufferPtr::adopt(gst_buffer_new_allocate(nullptr, bytes, nullptr));
  gst_buffer_memset(buffer.get(), 0, 128, bytes);
  return buffer;
}

// The path that one frame takes; what went wrong, where none came.
std::string path_of(const std::string& from, const std::string& to, const std::string& element = "skyconvert") {
  const Running running(from, to, element);
  running.push(gray_buffer(from));
  const SamplePtr sample = running.pull();
  if (!sample) return running.error();
  GstVideoInfo info;
  CHECK(gst_video_info_from_caps(&info, gst_sample_get_caps(sample.get())) != FALSE);
  CHECK(gst_buffer_get_size(gst_sample_get_buffer(sample.get())) >= info.size);
  return running.path();
}

}  // namespace

TEST("every format of GStreamer's converter becomes BGR and I420, and comes from them") {
  start_gstreamer();
  guint count = 0;
  const GstVideoFormat* formats = gst_video_formats_raw(&count);
  for (guint index = 0; index < count; ++index) {
    const std::string name = gst_video_format_to_string(formats[index]);
    for (const char* ours : {"BGR", "I420"}) {
      for (const bool forward : {true, false}) {
        const std::string from = sized(forward ? name : ours, 20, 10), to = sized(forward ? ours : name, 20, 10);
        const std::string path = path_of(from, to);
        const bool is_known = path == "videoconverter" || path == "kernel" || (path == "passthrough" && name == ours);
        CHECK_SAY(is_known, from + " to " + to + ": " + path);
      }
    }
  }
}

TEST("sizes at the edges: one pixel, one column, sixteen thousand wide") {
  start_gstreamer();
  constexpr std::pair<int, int> sizes[] = {{1, 1}, {1, 7}, {7, 1}, {2, 2}, {3, 3}, {16384, 3}, {3, 16384}};
  for (const auto& [width, height] : sizes) {
    for (const char* from : {"BGR", "GRAY8", "I420", "NV12", "YUY2", "Y444", "GRAY16_LE"}) {
      for (const char* to : {"BGR", "RGBA", "I420", "NV12", "YUY2", "Y42B", "GRAY8"}) {
        const std::string path = path_of(sized(from, width, height), std::string("video/x-raw,format=") + to);
        CHECK_SAY(path == "videoconverter" || path == "kernel" || path == "passthrough",
                  sized(from, width, height) + " to " + to + ": " + path);
      }
    }
  }
}

TEST("4:2:0 of an odd size is padded by the converter as by the kernels") {
  start_gstreamer();
  for (const char* to : {"I420", "NV12"}) {
    const std::string from = sized("Y42B", 33, 17);
    const Running running(from, std::string("video/x-raw,format=") + to);
    GstVideoInfo info = info_of(from);
    BufferPtr buffer = gray_buffer(from);
    GstMapInfo map;
    gst_buffer_map(buffer.get(), &map, GST_MAP_WRITE);
    for (int y = 0; y < 17; ++y) {
      for (int x = 0; x < 33; ++x) map.data[y * info.stride[0] + x] = static_cast<std::uint8_t>(7 * x + 3 * y);
    }
    gst_buffer_unmap(buffer.get(), &map);
    running.push(buffer);
    const SamplePtr sample = running.pull();
    CHECK(sample);
    if (!sample) continue;
    CHECK_EQ(running.path(), "videoconverter");
    gst_video_info_from_caps(&info, gst_sample_get_caps(sample.get()));
    CHECK_EQ(info.width, 34);
    CHECK_EQ(info.height, 18);
    gst_buffer_map(gst_sample_get_buffer(sample.get()), &map, GST_MAP_READ);
    for (int y = 0; y < 18; ++y) {
      for (int x = 0; x < 34; ++x) {
        const auto wanted = static_cast<std::uint8_t>(7 * std::min(x, 32) + 3 * std::min(y, 16));
        CHECK_EQ(int{map.data[y * info.stride[0] + x]}, int{wanted});
      }
    }
    gst_buffer_unmap(gst_sample_get_buffer(sample.get()), &map);
  }
}

TEST("what the kernels would get wrong is the converter's") {
  start_gstreamer();
  const std::string bgr = sized("BGR", 64, 48);
  const auto yuv = [](const std::string& fields) { return sized("I420", 64, 48, fields); };
  CHECK_EQ(path_of(bgr, yuv("")), "kernel");
  CHECK_EQ(path_of(bgr, yuv(",chroma-site=jpeg")), "kernel");
  CHECK_EQ(path_of(bgr, yuv(",colorimetry=bt2020")), "videoconverter");
  CHECK_EQ(path_of(bgr, yuv(",colorimetry=smpte240m")), "videoconverter");
  CHECK_EQ(path_of(bgr, yuv(",chroma-site=dv")), "videoconverter");
  CHECK_EQ(path_of(bgr + ",colorimetry=2:1:7:1", yuv("")), "videoconverter");
  CHECK_EQ(path_of(bgr + ",interlace-mode=interleaved", yuv(",interlace-mode=interleaved")), "videoconverter");
  CHECK_EQ(path_of(bgr + ",multiview-mode=side-by-side", yuv("")), "videoconverter");
  // Samples that only change places may have any colours.
  CHECK_EQ(path_of(yuv(",colorimetry=bt2020"), sized("NV12", 64, 48)), "kernel");
  CHECK_EQ(path_of(yuv(",chroma-site=dv"), sized("NV12", 64, 48)), "kernel");
}

TEST("caps never lie: other colours are another picture, and no passthrough") {
  start_gstreamer();
  const auto path = [](const std::string& from, const std::string& to) {
    return path_of(sized("I420", 64, 48, from), sized("I420", 64, 48, to));
  };
  CHECK_EQ(path(",colorimetry=bt601", ",colorimetry=bt601"), "passthrough");
  CHECK_EQ(path("", ",colorimetry=bt601"), "passthrough");
  CHECK_EQ(path("", ""), "passthrough");
  CHECK_EQ(path(",colorimetry=bt601", ",colorimetry=bt709"), "videoconverter");
  CHECK_EQ(path("", ",colorimetry=bt709"), "videoconverter");
  CHECK_EQ(path(",colorimetry=1:4:0:0", ",colorimetry=bt601"), "videoconverter");
  CHECK_EQ(path(",chroma-site=jpeg", ",chroma-site=mpeg2"), "videoconverter");
  CHECK_EQ(path(",chroma-site=jpeg", ""), "passthrough");
  CHECK_EQ(path_of(sized("I420", 64, 720), sized("I420", 64, 720, ",colorimetry=bt709")), "passthrough");
}

TEST("what nothing converts is refused in negotiation") {
  start_gstreamer();
  for (const auto& [from, to] : {std::pair{sized("BGR", 64, 48), sized("I420", 32, 48)},
                                 {sized("BGR", 64, 48), sized("I420", 64, 48, ",interlace-mode=interleaved")},
                                 {sized("BGR", 33, 48), sized("YUY2", 34, 48)}}) {
    const std::string said = path_of(from, to);
    CHECK_SAY(said.find("not-negotiated") != std::string::npos, from + " to " + to + ": " + said);
  }
}

TEST("threads of the converter make the same picture") {
  start_gstreamer();
  const std::string from = sized("YUY2", 64, 1200), to = sized("Y444", 64, 1200);
  for (const char* element : {"skyconvert n-threads=2", "skyconvert n-threads=0"})
    CHECK_EQ(path_of(from, to, element), "videoconverter");
}

TEST("before caps are agreed there is no path") {
  start_gstreamer();
  const ElementPtr element =
      ElementPtr::adopt(GST_ELEMENT(gst_object_ref_sink(gst_element_factory_make("skyconvert", nullptr))));
  gchar* path = nullptr;
  guint threads = 0;
  g_object_get(element.get(), "path", &path, "n-threads", &threads, nullptr);
  CHECK_EQ(take_string(path), "none");
  CHECK_EQ(threads, 1U);
}

// A gray code after `through`, back in 8 bits of full range.
static int gray_after(const std::string& through, std::uint8_t code) {
  const std::string caps = sized("GRAY8", 8, 4);
  const Running running(caps, "video/x-raw," + through + " ! skyconvert ! video/x-raw,format=GRAY8");
  BufferPtr buffer = gray_buffer(caps);
  gst_buffer_memset(buffer.get(), 0, code, gst_buffer_get_size(buffer.get()));
  running.push(buffer);
  const SamplePtr sample = running.pull();
  if (!sample) check::fail(__FILE__, __LINE__, through + ": " + running.error());
  std::uint8_t first = 77;
  if (sample) gst_buffer_extract(gst_sample_get_buffer(sample.get()), 0, &first, 1);
  return first;
}

TEST("gray goes through limited range and back in every depth and packing") {
  start_gstreamer();
  for (const char* format : {"I420", "YV12", "Y444", "YUY2", "I420_10LE", "I420_10BE", "P010_10LE", "Y444_16LE",
                             "AYUV64", "v210", "v216", "Y210", "UYVP", "NV12_10LE32", "NV12_10LE40", "NV12_64Z32"}) {
    for (const char* colours : {"bt601", "bt709", "bt2020"}) {
      const std::string through = std::string("format=") + format + ",colorimetry=" + colours;
      for (const int code : {0, 1, 64, 128, 200, 254, 255}) {
        const int back = gray_after(through, static_cast<std::uint8_t>(code));
        CHECK_SAY(std::abs(back - code) <= 1,
                  through + ": " + std::to_string(code) + " became " + std::to_string(back));
      }
    }
  }
}
