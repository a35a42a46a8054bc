// What skyconvert agrees to: both directions of negotiation, and what it takes where it has a choice.
#include "converting.h"
#include "frame/sky_convert_caps.h"

using namespace skyline;

namespace {

// The format (and what else is asked for) that is taken where downstream allows `allowed`.
std::string chosen(const std::string& given, const std::string& allowed, const char* field = "format") {
  const CapsPtr in = caps_of("video/x-raw," + given + ",width=64,height=48,framerate=25/1");
  const CapsPtr peer = caps_of("video/x-raw," + allowed);
  const CapsPtr offered = sky_convert_transform_caps(GST_PAD_SINK, in.get(), peer.get());
  if (gst_caps_is_empty(offered.get()) != FALSE) return "nothing";
  const CapsPtr fixed = sky_convert_fixate_caps(GST_PAD_SINK, in.get(), offered.get());
  CHECK(gst_caps_is_fixed(fixed.get()) != FALSE);
  const char* text = gst_structure_get_string(gst_caps_get_structure(fixed.get(), 0), field);
  return text != nullptr ? text : "";
}

std::string format_of(const std::string& given, const std::string& allowed) {
  return chosen("format=" + given, "format={" + allowed + "}");
}

std::string colours_of(const std::string& given, const std::string& allowed) {
  return chosen(given, allowed, "colorimetry");
}

}  // namespace

TEST("both directions of negotiation agree for every pair of formats and sizes") {
  start_gstreamer();
  const CapsPtr everything = sky_convert_caps();
  int pairs = 0;
  for (int from = 0; from < kFormatCount; ++from) {
    for (const int width : {1, 2, 33, 34, G_MAXINT}) {
      const CapsPtr in = caps_of(raw_caps(static_cast<Format>(from), width, 17));
      const CapsPtr forward = sky_convert_transform_caps(GST_PAD_SINK, in.get(), nullptr);
      CHECK(gst_caps_is_subset(in.get(), forward.get()) != FALSE);
      for (int to = 0; to < kFormatCount; ++to) {
        for (const int to_width : {1, 2, 32, 33, 34, 35, G_MAXINT - 1, G_MAXINT}) {
          for (const int to_height : {16, 17, 18}) {
            const CapsPtr out = caps_of(raw_caps(static_cast<Format>(to), to_width, to_height));
            const CapsPtr back = sky_convert_transform_caps(GST_PAD_SRC, out.get(), everything.get());
            const bool offered = gst_caps_is_subset(out.get(), forward.get()) != FALSE;
            CHECK_EQ(offered, gst_caps_is_subset(in.get(), back.get()) != FALSE);
            if (offered) ++pairs;
          }
        }
      }
    }
  }
  CHECK(pairs > 300);
  // Ranges and lists, as elements offer them.
  const CapsPtr stepped = caps_of("video/x-raw,format=I420,width=[2,64,2],height={16,18}");
  const CapsPtr sources = sky_convert_transform_caps(GST_PAD_SRC, stepped.get(), nullptr);
  for (const int width : {1, 2, 33, 63, 64, 65}) {
    const CapsPtr in = caps_of(raw_caps(Format::BGR, width, 17));
    CHECK_EQ(gst_caps_can_intersect(in.get(), sources.get()) != FALSE, width < 65);
  }
}

TEST("every format of GStreamer's converter is offered for every other") {
  start_gstreamer();
  guint count = 0;
  const GstVideoFormat* formats = gst_video_formats_raw(&count);
  CHECK(count > 50);
  const CapsPtr everything = sky_convert_caps();
  for (guint from = 0; from < count; ++from) {
    const std::string name = gst_video_format_to_string(formats[from]);
    const CapsPtr in = caps_of("video/x-raw,format=" + name + ",width=7,height=5,framerate=25/1");
    CHECK_SAY(gst_caps_is_subset(in.get(), everything.get()) != FALSE, name);
    const CapsPtr out = sky_convert_transform_caps(GST_PAD_SINK, in.get(), everything.get());
    for (guint to = 0; to < count; ++to) {
      const std::string other = gst_video_format_to_string(formats[to]);
      const CapsPtr wanted = caps_of("video/x-raw,format=" + other + ",width=7,height=5,framerate=25/1");
      CHECK_SAY(gst_caps_is_subset(wanted.get(), out.get()) != FALSE, name + " to " + other);
    }
  }
}

TEST("the choice of a format: pass through, a kernel, the converter's least loss") {
  start_gstreamer();
  // What x264enc takes, in its order.
  const std::string x264 = "Y444, Y42B, I420, YV12, NV12, I420_10LE, Y444_10LE, GRAY8";
  for (const char* colour : {"BGR", "RGB", "BGRA", "RGBA", "BGRx", "ARGB"}) CHECK_EQ(format_of(colour, x264), "I420");
  CHECK_EQ(format_of("BGR", "Y444, NV12, I420"), "NV12");
  CHECK_EQ(format_of("BGR", "Y444, YV12"), "YV12");
  CHECK_EQ(format_of("BGR", "Y444"), "Y444");
  CHECK_EQ(format_of("Y444", x264), "Y444");
  CHECK_EQ(format_of("NV12", x264), "NV12");
  CHECK_EQ(format_of("YUY2", x264), "Y42B");
  CHECK_EQ(format_of("GRAY8", x264), "GRAY8");
  CHECK_EQ(format_of("GRAY8", "Y444, I420"), "I420");
  CHECK_EQ(format_of("P010_10LE", x264), "I420_10LE");
  CHECK_EQ(format_of("P010_10LE", "NV12, P010_10LE"), "P010_10LE");
  // Colour, alpha and depth are not thrown away for speed.
  CHECK_EQ(format_of("BGR", "GRAY8, xRGB"), "xRGB");
  CHECK_EQ(format_of("I420", "GRAY8, YUY2"), "YUY2");
  CHECK_EQ(format_of("BGRA", "BGR, ARGB"), "ARGB");
  CHECK_EQ(format_of("BGRA", "GRAY8, I420, RGB16, BGR"), "BGR");
  CHECK_EQ(format_of("BGR", "RGB16, RGBA"), "RGBA");
  CHECK_EQ(format_of("BGR", "RGBA, RGB"), "RGB");
  CHECK_EQ(format_of("GRAY16_LE", "GRAY8, GRAY16_BE"), "GRAY16_BE");
  // A kernel before the converter.
  CHECK_EQ(format_of("BGR", "YUY2, UYVY, NV12"), "NV12");
  CHECK_EQ(format_of("I420", "YUY2, NV12"), "NV12");
}

TEST("the choice of colours: the input's own, the usual of the size, the nearest that is allowed") {
  start_gstreamer();
  const std::string i420 = "format=I420", bgr = "format=BGR";
  CHECK_EQ(colours_of(i420 + ",colorimetry=bt709", "format=NV12"), "bt709");
  CHECK_EQ(colours_of(i420 + ",colorimetry=bt2020", "format=Y444"), "bt2020");
  CHECK_EQ(colours_of(i420 + ",colorimetry=bt709", "format=I420,colorimetry=bt601"), "bt601");
  CHECK_EQ(colours_of(i420 + ",colorimetry=1:3:5:1", "format=NV12,colorimetry={bt601,1:3:0:0}"), "1:3:0:0");
  CHECK_EQ(colours_of(i420, "format=NV12,colorimetry={bt709,bt601}"), "bt601");
  CHECK_EQ(colours_of(i420, "format=NV12"), "");
  CHECK_EQ(colours_of(i420 + ",colorimetry=bt709", "format=BGR"), "sRGB");
  CHECK_EQ(colours_of(i420, "format=RGBA"), "sRGB");
  CHECK_EQ(colours_of("format=P010_10LE,colorimetry=bt2100-pq", "format=BGR"), "1:1:14:7");
  CHECK_EQ(colours_of(bgr + ",colorimetry=sRGB", "format=I420"), "bt601");
  CHECK_EQ(colours_of(bgr + ",colorimetry=1:1:14:7", "format=I420_10LE"), "bt2100-pq");
  CHECK_EQ(colours_of(bgr + ",colorimetry=sRGB", "format=RGB"), "sRGB");
  CHECK_EQ(colours_of(bgr, "format=RGB"), "");
  CHECK_EQ(colours_of("format=GRAY8", "format=NV12"), "bt601");
  CHECK_EQ(chosen(i420 + ",chroma-site=jpeg", "format=NV12", "chroma-site"), "jpeg");
  CHECK_EQ(chosen(i420 + ",chroma-site=jpeg", "format=Y42B", "chroma-site"), "");
  // NV12 keeps the colours, I420 does not.
  CHECK_EQ(chosen(i420 + ",colorimetry=bt709", "format=I420,colorimetry=bt601;video/x-raw,format=NV12"), "NV12");
}

TEST("memory that is not the system's only goes through as it is") {
  start_gstreamer();
  const CapsPtr nvmm = caps_of("video/x-raw(memory:NVMM),format=NV12,width=64,height=48,framerate=25/1");
  CHECK(gst_caps_is_subset(nvmm.get(), sky_convert_caps().get()) != FALSE);
  for (const GstPadDirection direction : {GST_PAD_SINK, GST_PAD_SRC}) {
    const CapsPtr other = sky_convert_transform_caps(direction, nvmm.get(), nullptr);
    CHECK(gst_caps_is_equal(other.get(), nvmm.get()) != FALSE);
    CHECK(gst_caps_is_equal(sky_convert_fixate_caps(direction, nvmm.get(), other.get()).get(), nvmm.get()) != FALSE);
  }
}

TEST("overlays that are drawn later may pass a conversion") {
  start_gstreamer();
  const std::string overlaid =
      "video/x-raw(memory:SystemMemory,meta:GstVideoOverlayComposition),width=64,height=48,framerate=25/1";
  const CapsPtr in = caps_of(overlaid + ",format=BGR");
  const CapsPtr out = sky_convert_transform_caps(GST_PAD_SINK, in.get(), caps_of(overlaid + ",format=I420").get());
  CHECK(gst_caps_is_empty(out.get()) == FALSE);
  const CapsPtr fixed = sky_convert_fixate_caps(GST_PAD_SINK, in.get(), out.get());
  CHECK_EQ(gst_structure_get_string(gst_caps_get_structure(fixed.get(), 0), "format"), std::string("I420"));
  CHECK(gst_caps_is_subset(fixed.get(), caps_of(overlaid + ",format=I420").get()) != FALSE);
}
