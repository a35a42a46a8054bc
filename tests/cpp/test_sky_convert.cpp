// The element skyconvert in running pipelines: negotiation, pixels, times, passthrough, failures.
#include "converting.h"

using namespace skyline;

namespace {

// One frame through the element, compared with the plain twin.
void check_conversion(Format from, Format to, int width, int height, const std::string& fields, int to_width,
                      int to_height, Colorimetry colorimetry, bool padded = false) {
  const std::string what = std::string(format_name(from)) + " " + std::to_string(width) + "x" + std::to_string(height) +
                           " to " + format_name(to) + fields;
  Picture source(from, width, height, padded ? Strides::padded : Strides::tight);
  source.fill(Content::random, static_cast<unsigned>(width));
  Picture expected(to, to_width, to_height);
  convert_frame_plain(source.source(), expected.view(), colorimetry);
  const Running running(raw_caps(from, width, height), std::string("video/x-raw,format=") + format_name(to) + fields);
  running.push(buffer_of(source, padded), 7 * kMillisecond);
  const SamplePtr sample = running.pull();
  if (!sample) return check::fail(__FILE__, __LINE__, what + ": nothing came, " + running.error());
  CHECK_SAY(same_pixels(sample, expected), what);
  CHECK_SAY(running.path() == "kernel" || running.path() == "passthrough", what + running.path());
  GstBuffer* buffer = gst_sample_get_buffer(sample.get());
  CHECK_EQ(GST_BUFFER_PTS(buffer), 7 * kMillisecond);
  CHECK_EQ(GST_BUFFER_DURATION(buffer), 40 * kMillisecond);
}

}  // namespace

TEST("colour and gray become I420 and NV12, odd sizes even ones") {
  start_gstreamer();
  for (const Format from : {Format::BGR, Format::RGB, Format::BGRA, Format::RGBA, Format::GRAY8, Format::GRAY16_LE,
                            Format::I420, Format::NV12}) {
    for (const Format to : {Format::I420, Format::NV12}) {
      for (const bool padded : {false, true}) {
        check_conversion(from, to, 64, 48, "", 64, 48, {Matrix::bt601, Range::limited}, padded);
        check_conversion(from, to, 33, 17, "", 34, 18, {Matrix::bt601, Range::limited}, padded);
        check_conversion(from, to, 34, 17, "", 34, 18, {Matrix::bt601, Range::limited}, padded);
      }
    }
  }
}

TEST("every pair of formats that a kernel knows, in rows of any stride") {
  start_gstreamer();
  int pairs = 0;
  for (int from = 0; from < kFormatCount; ++from) {
    for (int to = 0; to < kFormatCount; ++to) {
      const auto source = static_cast<Format>(from), target = static_cast<Format>(to);
      if (from == to || !can_convert(source, target)) continue;
      ++pairs;
      const std::string size = ",width=33,height=17";
      check_conversion(source, target, 33, 17, size, 33, 17, {Matrix::bt601, Range::limited}, true);
      check_conversion(source, target, 33, 17, size, 33, 17, {Matrix::bt601, Range::limited}, false);
    }
  }
  CHECK(pairs >= 30);
}

TEST("downstream may insist on an odd size") {
  start_gstreamer();
  check_conversion(Format::BGR, Format::I420, 33, 17, ",width=33,height=17", 33, 17, {Matrix::bt601, Range::limited});
  check_conversion(Format::BGR, Format::NV12, 33, 17, ",width=33", 33, 18, {Matrix::bt601, Range::limited});
  check_conversion(Format::I420, Format::NV12, 33, 17, ",height=17", 34, 17, {});
}

TEST("colorimetry is chosen by height, said in the caps, and obeyed") {
  start_gstreamer();
  struct Case {
    int height;
    const char* asked;
    const char* said;
    Colorimetry weights;
  };
  for (const Case& one : {Case{576, "", "bt601", {Matrix::bt601, Range::limited}},
                          Case{578, "", "bt709", {Matrix::bt709, Range::limited}},
                          Case{2160, "", "bt709", {Matrix::bt709, Range::limited}},
                          Case{48, ",colorimetry=bt709", "bt709", {Matrix::bt709, Range::limited}},
                          Case{720, ",colorimetry={bt601,bt709}", "bt709", {Matrix::bt709, Range::limited}},
                          Case{48, ",colorimetry=1:3:5:1", "1:3:5:1", {Matrix::bt709, Range::full}},
                          Case{48, ",colorimetry=1:4:0:0", "1:4:0:0", {Matrix::bt601, Range::full}}}) {
    check_conversion(Format::BGR, Format::I420, 32, one.height, one.asked, 32, one.height, one.weights);
    const Running running(raw_caps(Format::BGR, 32, one.height) + ",colorimetry=sRGB",
                          std::string("video/x-raw,format=NV12") + one.asked);
    running.push(buffer_of(Picture(Format::BGR, 32, one.height), false));
    const SamplePtr sample = running.pull();
    CHECK_EQ(sample ? field(sample, "colorimetry") : "nothing came", one.said);
  }
  CHECK_EQ(colorimetry_caps({Matrix::bt709, Range::limited}), "bt709");
  CHECK_EQ(colorimetry_caps({Matrix::bt601, Range::limited}), "bt601");
  CHECK_EQ(colorimetry_caps({Matrix::bt709, Range::full}), "1:3:5:1");
}

TEST("colorimetry of YUV is passed on from I420 to NV12") {
  start_gstreamer();
  const Running running(raw_caps(Format::I420, 32, 32) + ",colorimetry=1:3:5:1,chroma-site=jpeg",
                        "video/x-raw,format=NV12");
  running.push(buffer_of(Picture(Format::I420, 32, 32), false));
  const SamplePtr sample = running.pull();
  CHECK_EQ(sample ? field(sample, "colorimetry") : "", "1:3:5:1");
  CHECK_EQ(sample ? field(sample, "chroma-site") : "", "jpeg");
}

TEST("what both sides agree on passes through, the very same memory") {
  start_gstreamer();
  for (const char* downstream : {"identity", "video/x-raw,format={I420,BGR}", "video/x-raw,width=33"}) {
    for (const bool padded : {false, true}) {
      const Running running(raw_caps(Format::BGR, 33, 17), downstream);
      const BufferPtr buffer = buffer_of(Picture(Format::BGR, 33, 17, Strides::padded), padded);
      running.push(buffer);
      const SamplePtr sample = running.pull();
      CHECK(sample);
      if (!sample) continue;
      CHECK_EQ(field(sample, "format"), "BGR");
      CHECK_EQ(gst_buffer_peek_memory(gst_sample_get_buffer(sample.get()), 0), gst_buffer_peek_memory(buffer.get(), 0));
    }
  }
}

TEST("caps may change in mid-stream") {
  start_gstreamer();
  const Running running(raw_caps(Format::BGR, 64, 48), "video/x-raw,format=I420");
  const ElementPtr in = running.element("in");
  int frame = 0;
  for (const Format format : {Format::BGR, Format::I420, Format::GRAY8, Format::RGBA}) {
    const int width = 30 + frame;
    gst_app_src_set_caps(GST_APP_SRC(in.get()), caps_of(raw_caps(format, width, 20)).get());
    Picture source(format, width, 20);
    source.fill(Content::random, 3);
    Picture expected(Format::I420, even(width), 20);
    convert_frame_plain(source.source(), expected.view(), {Matrix::bt601, Range::limited});
    running.push(buffer_of(source, false), static_cast<GstClockTime>(frame++) * 40 * kMillisecond);
    const SamplePtr sample = running.pull();
    CHECK_SAY(sample && same_pixels(sample, expected), format_name(format));
  }
}

TEST("x264enc takes odd sizes from colour and from I420") {
  start_gstreamer();
  if (!FactoryPtr::adopt(gst_element_factory_find("x264enc"))) SKIP("no x264enc");
  for (const Format format : {Format::BGR, Format::I420}) {
    const Running running(raw_caps(format, 321, 241), "x264enc tune=zerolatency speed-preset=ultrafast");
    Picture picture(format, 321, 241);
    picture.fill(Content::random, 1);
    for (GstClockTime n = 0; n < 3; ++n) running.push(buffer_of(picture, false), n * 40 * kMillisecond);
    running.end();
    const SamplePtr sample = running.pull();
    if (!sample) {
      check::fail(__FILE__, __LINE__, running.error());
      continue;
    }
    int width = 0;
    const GstStructure* structure = gst_caps_get_structure(gst_sample_get_caps(sample.get()), 0);
    gst_structure_get_int(structure, "width", &width);
    CHECK_EQ(width, 322);
    CHECK(field(sample, "profile") != "high-4:4:4");
    if (format == Format::BGR) CHECK_EQ(field(sample, "colorimetry"), "bt601");
  }
}

TEST("a buffer smaller than its caps is an error, not an uninitialised frame") {
  start_gstreamer();
  const Running running(raw_caps(Format::BGR, 64, 48), "video/x-raw,format=I420");
  running.push(BufferPtr::adopt(gst_buffer_new_allocate(nullptr, 100, nullptr)));
  const std::string error = running.error();
  CHECK_SAY(error.find("input buffer has 100 bytes") != std::string::npos, error);
  CHECK(!running.pull(100 * kMillisecond));
}

TEST("late frames are not dropped behind the counters' back") {
  start_gstreamer();
  const ElementPtr element =
      ElementPtr::adopt(GST_ELEMENT(gst_object_ref_sink(gst_element_factory_make("skyconvert", nullptr))));
  gboolean qos = TRUE;
  g_object_get(element.get(), "qos", &qos, nullptr);
  CHECK_EQ(qos, FALSE);
}
