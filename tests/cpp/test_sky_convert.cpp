// The element skyconvert in running pipelines: negotiation, pixels, times, passthrough, failures.
#include <gst/app/gstappsink.h>
#include <gst/app/gstappsrc.h>

#include "check.h"
#include "frame/sky_convert.h"
#include "frame/sky_convert_caps.h"
#include "gst/owned.h"
#include "picture.h"

using namespace skyline;

namespace {

constexpr GstClockTime kPatience = 5 * GST_SECOND;
constexpr GstClockTime kMillisecond = GST_MSECOND;

void start_gstreamer() {
  gst_init(nullptr, nullptr);
  register_sky_convert();
  register_sky_convert();  // again does no harm
}

CapsPtr caps_of(const std::string& text) { return CapsPtr::adopt(gst_caps_from_string(text.c_str())); }

std::string raw_caps(Format format, int width, int height) {
  return std::string("video/x-raw,format=") + format_name(format) + ",width=" + std::to_string(width) +
         ",height=" + std::to_string(height) + ",framerate=25/1";
}

// A buffer with a copy of the rows in GStreamer's own default layout, or, for `padded`, in the
// picture's with a GstVideoMeta that says so.
BufferPtr buffer_of(const Picture& picture, bool padded) {
  const FrameView view = picture.source();
  GstVideoInfo info;
  gst_video_info_set_format(&info, to_gst(view.format), static_cast<guint>(view.width),
                            static_cast<guint>(view.height));
  const std::vector<std::uint8_t>& memory = picture.memory();
  if (padded) {
    BufferPtr buffer = BufferPtr::adopt(gst_buffer_new_memdup(memory.data(), memory.size()));
    gsize offset[GST_VIDEO_MAX_PLANES] = {};
    gint stride[GST_VIDEO_MAX_PLANES] = {};
    for (std::size_t plane = 0; plane < GST_VIDEO_INFO_N_PLANES(&info); ++plane) {
      offset[plane] = static_cast<gsize>(view.plane[plane] - memory.data());
      stride[plane] = static_cast<gint>(view.stride[plane]);
    }
    gst_buffer_add_video_meta_full(buffer.get(), GST_VIDEO_FRAME_FLAG_NONE, to_gst(view.format),
                                   static_cast<guint>(view.width), static_cast<guint>(view.height),
                                   GST_VIDEO_INFO_N_PLANES(&info), offset, stride);
    return buffer;
  }
  BufferPtr buffer = BufferPtr::adopt(gst_buffer_new_allocate(nullptr, info.size, nullptr));
  GstVideoFrame frame;
  gst_video_frame_map(&frame, &info, buffer.get(), GST_MAP_WRITE);
  for (int plane = 0; plane < plane_count(view.format); ++plane) {
    for (int y = 0; y < plane_rows(view.format, plane, view.height); ++y) {
      std::memcpy(static_cast<std::uint8_t*>(GST_VIDEO_FRAME_PLANE_DATA(&frame, plane)) +
                      y * GST_VIDEO_FRAME_PLANE_STRIDE(&frame, plane),
                  picture.row(plane, y), plane_row_bytes(view.format, plane, view.width));
    }
  }
  gst_video_frame_unmap(&frame);
  return buffer;
}

class Running {  // appsrc ! skyconvert ! … ! appsink
 public:
  Running(const std::string& caps, const std::string& downstream) {
    const std::string text = "appsrc name=in format=time max-bytes=0 ! skyconvert name=convert ! " + downstream +
                             " ! appsink name=out sync=false";
    GError* error = nullptr;
    pipeline_ = ElementPtr::adopt(gst_parse_launch(text.c_str(), &error));
    const GErrorPtr owner(error);
    if (error != nullptr) throw std::runtime_error(error->message);
    in_ = element("in");
    out_ = element("out");
    gst_app_src_set_caps(GST_APP_SRC(in_.get()), caps_of(caps).get());
    gst_element_set_state(pipeline_.get(), GST_STATE_PLAYING);
  }
  ~Running() { gst_element_set_state(pipeline_.get(), GST_STATE_NULL); }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;

  ElementPtr element(const char* name) const {
    return ElementPtr::adopt(gst_bin_get_by_name(GST_BIN(pipeline_.get()), name));
  }
  void push(BufferPtr buffer, GstClockTime pts = 0) const {
    GST_BUFFER_PTS(buffer.get()) = pts;
    GST_BUFFER_DURATION(buffer.get()) = 40 * kMillisecond;
    gst_app_src_push_buffer(GST_APP_SRC(in_.get()), buffer.release());
  }
  void end() const { gst_app_src_end_of_stream(GST_APP_SRC(in_.get())); }
  SamplePtr pull(GstClockTime patience = kPatience) const {
    return SamplePtr::adopt(gst_app_sink_try_pull_sample(GST_APP_SINK(out_.get()), patience));
  }
  std::string error() const {
    const BusPtr bus = BusPtr::adopt(gst_element_get_bus(pipeline_.get()));
    const MessagePtr message = MessagePtr::adopt(gst_bus_timed_pop_filtered(bus.get(), kPatience, GST_MESSAGE_ERROR));
    if (!message) return "";
    GError* parsed = nullptr;
    gchar* debug = nullptr;
    gst_message_parse_error(message.get(), &parsed, &debug);
    const GErrorPtr owner(parsed);
    return std::string(parsed->message) + " " + take_string(debug);
  }

 private:
  ElementPtr pipeline_, in_, out_;
};

std::string field(const SamplePtr& sample, const char* name) {
  const GstStructure* structure = gst_caps_get_structure(gst_sample_get_caps(sample.get()), 0);
  const char* text = gst_structure_get_string(structure, name);
  return text != nullptr ? text : "";
}

bool same_pixels(const SamplePtr& sample, const Picture& expected) {
  GstVideoInfo info;
  GstVideoFrame frame;
  if (gst_video_info_from_caps(&info, gst_sample_get_caps(sample.get())) == FALSE) return false;
  const FrameView view = expected.source();
  if (GST_VIDEO_INFO_FORMAT(&info) != to_gst(view.format) || info.width != view.width || info.height != view.height ||
      gst_video_frame_map(&frame, &info, gst_sample_get_buffer(sample.get()), GST_MAP_READ) == FALSE) {
    return false;
  }
  bool same = true;
  for (int plane = 0; plane < plane_count(view.format); ++plane) {
    for (int y = 0; y < plane_rows(view.format, plane, view.height); ++y) {
      const auto* row = static_cast<const std::uint8_t*>(GST_VIDEO_FRAME_PLANE_DATA(&frame, plane)) +
                        y * GST_VIDEO_FRAME_PLANE_STRIDE(&frame, plane);
      same = same && std::memcmp(row, expected.row(plane, y), plane_row_bytes(view.format, plane, view.width)) == 0;
    }
  }
  gst_video_frame_unmap(&frame);
  return same;
}

int even(int value) { return value + value % 2; }

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

TEST("packed formats become packed colour of the same size") {
  start_gstreamer();
  for (const Format from : {Format::BGR, Format::RGB, Format::BGRA, Format::RGBA, Format::GRAY8}) {
    for (const Format to : {Format::BGR, Format::RGB, Format::BGRA, Format::RGBA}) {
      if (from != to) check_conversion(from, to, 33, 17, "", 33, 17, {}, true);
    }
  }
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
                          Case{48, ",colorimetry=1:4:0:0", "1:4:0:0", {Matrix::bt601, Range::full}},
                          Case{48, ",colorimetry=bt2020", "bt2020", {Matrix::bt709, Range::limited}}}) {
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

TEST("what cannot be converted is refused in negotiation") {
  start_gstreamer();
  const Running running(raw_caps(Format::I420, 32, 32), "video/x-raw,format=BGR,width=64");
  running.push(buffer_of(Picture(Format::I420, 32, 32), false));
  CHECK(running.error().find("not-negotiated") != std::string::npos);
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
