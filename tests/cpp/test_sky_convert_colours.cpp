// The colours skyconvert makes, against arithmetic in floating point and against videoconvert.
//
// Pictures are patches of one colour each and only their middles are looked at, so that it does not matter how
// chroma is sampled: by a kernel, or by GStreamer's converter.
#include <algorithm>
#include <array>
#include <cmath>

#include "converting.h"

using namespace skyline;

namespace {

constexpr int kPatch = 16;
constexpr int kColumns = 8;
using Colour = std::array<double, 3>;  // red, green, blue: 0 to 1

// The corners of the cube, saturated blue among them, and the same half as bright with some gray.
Colour colour_at(int column, int row) {
  Colour colour{};
  for (std::size_t channel = 0; channel < 3; ++channel) {
    const bool is_lit = (column >> channel & 1) != 0;
    colour[channel] = row == 0 ? (is_lit ? 1.0 : 0.0) : (is_lit ? 160.0 / 255 : 48.0 / 255);
  }
  return colour;
}

struct Side {
  std::string format;
  std::string colorimetry;  // "" for colour and gray
};

bool is_yuv(const Side& side) { return !side.colorimetry.empty(); }

struct Coding {
  double red = 0.299, blue = 0.114;
  bool is_full = false;
};

Coding coding_of(const std::string& colorimetry) {
  if (colorimetry == "bt709") return {0.2126, 0.0722, false};
  if (colorimetry == "1:3:5:1") return {0.2126, 0.0722, true};
  if (colorimetry == "1:4:0:0") return {0.299, 0.114, true};
  if (colorimetry == "bt2020") return {0.2627, 0.0593, false};
  if (colorimetry == "smpte240m") return {0.212, 0.087, false};
  return {0.299, 0.114, false};
}

// Y, Cb and Cr as 8-bit codes.
Colour encoded(const Colour& colour, const Coding& coding) {
  const double luma = coding.red * colour[0] + (1 - coding.red - coding.blue) * colour[1] + coding.blue * colour[2];
  const double cb = (colour[2] - luma) / (2 * (1 - coding.blue)), cr = (colour[0] - luma) / (2 * (1 - coding.red));
  if (coding.is_full) return {255 * luma, 128 + 255 * cb, 128 + 255 * cr};
  return {16 + 219 * luma, 128 + 224 * cb, 128 + 224 * cr};
}

std::uint8_t code(double value) { return static_cast<std::uint8_t>(std::lround(std::clamp(value, 0.0, 255.0))); }

// The 8-bit code of each component, in GStreamer's order of components, of one colour.
Colour components(const Colour& colour, const Side& side, const GstVideoFormatInfo* format) {
  if (GST_VIDEO_FORMAT_INFO_IS_YUV(format)) return encoded(colour, coding_of(side.colorimetry));
  if (GST_VIDEO_FORMAT_INFO_IS_GRAY(format)) return {encoded(colour, {0.299, 0.114, true})[0], 0, 0};
  return {255 * colour[0], 255 * colour[1], 255 * colour[2]};
}

GstVideoInfo info_of(const Side& side) {
  GstVideoInfo info;
  gst_video_info_set_format(&info, gst_video_format_from_string(side.format.c_str()), kPatch * kColumns, kPatch * 2);
  return info;
}

std::string caps_text(const Side& side) {
  std::string text = "video/x-raw,format=" + side.format + ",width=128,height=32,framerate=25/1";
  if (!side.colorimetry.empty()) text += ",colorimetry=(string)" + side.colorimetry;
  return text;
}

template <typename Visit>  // visit(colour, component, its pixel, x within its patch)
void each_sample(GstVideoFrame& frame, Visit visit) {
  for (int component = 0; component < std::min<int>(3, GST_VIDEO_FRAME_N_COMPONENTS(&frame)); ++component) {
    const int height = GST_VIDEO_FRAME_COMP_HEIGHT(&frame, component),
              width = GST_VIDEO_FRAME_COMP_WIDTH(&frame, component);
    for (int y = 0; y < height; ++y) {
      for (int x = 0; x < width; ++x) {
        auto* pixel = static_cast<std::uint8_t*>(GST_VIDEO_FRAME_COMP_DATA(&frame, component)) +
                      y * GST_VIDEO_FRAME_COMP_STRIDE(&frame, component) +
                      x * GST_VIDEO_FRAME_COMP_PSTRIDE(&frame, component);
        const int column = x * kColumns / width, row = y * 2 / height;
        const bool is_middle = x * kColumns * 4 / width % 4 % 3 != 0 && y * 8 / height % 4 % 3 != 0;
        visit(colour_at(column, row), static_cast<std::size_t>(component), pixel, is_middle);
      }
    }
  }
}

BufferPtr patches(const Side& side) {
  GstVideoInfo info = info_of(side);
  BufferPtr buffer = BufferPtr::adopt(gst_buffer_new_allocate(nullptr, info.size, nullptr));
  gst_buffer_memset(buffer.get(), 0, 255, info.size);
  GstVideoFrame frame;
  gst_video_frame_map(&frame, &info, buffer.get(), GST_MAP_WRITE);
  each_sample(frame, [&](const Colour& colour, std::size_t component, std::uint8_t* pixel, bool) {
    *pixel = code(components(colour, side, info.finfo)[component]);
  });
  gst_video_frame_unmap(&frame);
  return buffer;
}

// What is seen of a colour after gray: gray.
Colour seen(const Colour& colour, const Side& from) {
  if (from.format != "GRAY8") return colour;
  const double gray = encoded(colour, {0.299, 0.114, true})[0] / 255;
  return {gray, gray, gray};
}

double worst_error(const SamplePtr& sample, const Side& from, const Side& side) {
  GstVideoInfo info = info_of(side);
  // Gray from YUV is its luma, whatever matrix that has.
  const bool is_luma = side.format == "GRAY8" && is_yuv(from);
  GstVideoFrame frame;
  if (gst_video_frame_map(&frame, &info, gst_sample_get_buffer(sample.get()), GST_MAP_READ) == FALSE) return 999;
  double worst = 0;
  each_sample(frame, [&](const Colour& colour, std::size_t component, const std::uint8_t* pixel, bool is_middle) {
    if (!is_middle) return;
    Coding luma = coding_of(from.colorimetry);
    luma.is_full = true;
    const Colour wanted = is_luma ? encoded(colour, luma) : components(seen(colour, from), side, info.finfo);
    worst = std::max(worst, std::abs(*pixel - std::clamp(wanted[component], 0.0, 255.0)));
  });
  gst_video_frame_unmap(&frame);
  return worst;
}

double worst_difference(const SamplePtr& a, const SamplePtr& b, const Side& side) {
  GstVideoInfo info = info_of(side);
  GstVideoFrame one, other;
  gst_video_frame_map(&one, &info, gst_sample_get_buffer(a.get()), GST_MAP_READ);
  gst_video_frame_map(&other, &info, gst_sample_get_buffer(b.get()), GST_MAP_READ);
  std::vector<std::uint8_t> codes;
  each_sample(one, [&](const Colour&, std::size_t, const std::uint8_t* pixel, bool is_middle) {
    if (is_middle) codes.push_back(*pixel);
  });
  double worst = 0;
  std::size_t at = 0;
  each_sample(other, [&](const Colour&, std::size_t, const std::uint8_t* pixel, bool is_middle) {
    if (is_middle) worst = std::max(worst, std::abs(static_cast<double>(*pixel) - codes[at++]));
  });
  gst_video_frame_unmap(&one);
  gst_video_frame_unmap(&other);
  return worst;
}

// Through skyconvert and through videoconvert.
std::string check_colours(const Side& from, const Side& to) {
  const std::string what = from.format + " " + from.colorimetry + " to " + to.format + " " + to.colorimetry;
  std::array<SamplePtr, 2> samples;
  std::string path;
  for (const bool is_ours : {true, false}) {
    const Running running(caps_text(from), caps_text(to), is_ours ? "skyconvert" : "videoconvert dither=none");
    running.push(patches(from));
    samples[is_ours ? 0 : 1] = running.pull();
    if (!samples[is_ours ? 0 : 1]) {
      check::fail(__FILE__, __LINE__, what + ": nothing came, " + running.error());
      return "";
    }
    if (is_ours) path = running.path();
  }
  // GStreamer's own arithmetic is up to 5 codes off where saturated colour comes back from YUV, and copies the codes
  // where only the range differs, or the weights of gray.
  const double gstreamers = is_yuv(from) && !is_yuv(to) ? 5.5 : 2;
  const double error = worst_error(samples[0], from, to), difference = worst_difference(samples[0], samples[1], to);
  CHECK_SAY(error <= (path == "videoconverter" ? 5.5 : 2), what + " by " + path + ": " + std::to_string(error));
  const Coding one = coding_of(from.colorimetry), other = coding_of(to.colorimetry);
  const bool is_about_range = from.format == "GRAY8" || to.format == "GRAY8" ||
                              (is_yuv(from) && is_yuv(to) && one.red == other.red && one.is_full != other.is_full);
  if (!is_about_range) {
    CHECK_SAY(difference <= gstreamers, what + " by " + path + " against videoconvert: " + std::to_string(difference));
  }
  return path;
}

const std::vector<std::string> kPacked = {"BGR", "RGB", "BGRA", "RGBA", "BGRx", "RGBx", "xRGB", "GRAY8"};
const std::vector<std::string> kYuv = {"I420", "NV12", "YV12", "NV21", "Y42B", "Y444", "YUY2", "UYVY"};
const std::vector<std::string> kCodings = {"bt601", "bt709", "1:3:5:1", "1:4:0:0", "bt2020"};

}  // namespace

TEST("colour and gray to YUV") {
  start_gstreamer();
  for (const auto& packed : kPacked) {
    for (const auto& yuv : kYuv) {
      for (const auto& coding : kCodings) check_colours({packed, ""}, {yuv, coding});
    }
  }
}

TEST("YUV to colour and gray") {
  start_gstreamer();
  for (const auto& packed : kPacked) {
    for (const auto& yuv : kYuv) {
      for (const auto& coding : kCodings) {
        check_colours({yuv, coding}, {packed, ""});
      }
    }
  }
}

TEST("YUV to YUV of other colours is converted, in the same format too") {
  start_gstreamer();
  for (const auto& from : kYuv) {
    for (const char* to : {"I420", "NV12", "YUY2"}) {
      for (const auto& coding : kCodings) {
        const std::string path = check_colours({from, "bt601"}, {to, coding});
        if (coding != "bt601") CHECK_EQ(path, "videoconverter");
        if (coding == "bt601") CHECK_EQ(path == "passthrough", from == to);
      }
    }
  }
}

TEST("packed to packed") {
  start_gstreamer();
  for (const auto& from : kPacked) {
    for (const auto& to : kPacked) check_colours({from, ""}, {to, ""});
  }
}
