// skyconvert in a pipeline of its own for tests: frames in, what comes out, and by which path.
#pragma once

#include <gst/app/gstappsink.h>
#include <gst/app/gstappsrc.h>

#include <stdexcept>
#include <string>
#include <vector>

#include "check.h"
#include "frame/frame_convert.h"
#include "frame/sky_convert.h"
#include "gst/owned.h"
#include "gst/thread_sanitizer.h"
#include "picture.h"

namespace skyline {

constexpr GstClockTime kPatience = 5 * GST_SECOND;
constexpr GstClockTime kMillisecond = GST_MSECOND;

inline void start_gstreamer() {
  gst_init(nullptr, nullptr);
  register_sky_convert();
  register_sky_convert();  // again does no harm
}

inline CapsPtr caps_of(const std::string& text) { return CapsPtr::adopt(gst_caps_from_string(text.c_str())); }

inline std::string raw_caps(Format format, int width, int height) {
  return std::string("video/x-raw,format=") + format_name(format) + ",width=" + std::to_string(width) +
         ",height=" + std::to_string(height) + ",framerate=25/1";
}

// A buffer with a copy of the rows in GStreamer's own default layout, or, for `padded`, in the
// picture's with a GstVideoMeta that says so.
inline BufferPtr buffer_of(const Picture& picture, bool padded) {
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

class Running {  // appsrc ! skyconvert (or another) ! … ! appsink
 public:
  Running(const std::string& caps, const std::string& downstream, const std::string& converter = "skyconvert") {
    const std::string text = "appsrc name=in format=time max-bytes=0 ! " + converter + " name=convert ! " + downstream +
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
    SKYLINE_TSAN_RELEASE(buffer.get());
    gst_app_src_push_buffer(GST_APP_SRC(in_.get()), buffer.release());
  }
  void end() const { gst_app_src_end_of_stream(GST_APP_SRC(in_.get())); }
  SamplePtr pull(GstClockTime patience = kPatience) const {
    SamplePtr sample = SamplePtr::adopt(gst_app_sink_try_pull_sample(GST_APP_SINK(out_.get()), patience));
    if (sample) SKYLINE_TSAN_ACQUIRE(gst_sample_get_buffer(sample.get()));
    return sample;
  }
  std::string path() const {
    gchar* text = nullptr;
    g_object_get(element("convert").get(), "path", &text, nullptr);
    return take_string(text);
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

inline std::string field(const SamplePtr& sample, const char* name) {
  const GstStructure* structure = gst_caps_get_structure(gst_sample_get_caps(sample.get()), 0);
  const char* text = gst_structure_get_string(structure, name);
  return text != nullptr ? text : "";
}

inline bool same_pixels(const SamplePtr& sample, const Picture& expected) {
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

inline int even(int value) { return value + value % 2; }

}  // namespace skyline
