// The floor of a recording: C pushes frames that are I420 already, without a copy, into the launch text of the others.
//
// A library for record_floor.py, so that it runs in a warm process as they do.
#include <gst/app/gstappsrc.h>
#include <gst/gst.h>

#include <cstddef>

namespace {

// Waits for the end of the file; false where an error came first, or nothing within a minute.
bool finish(GstElement* pipeline) {
  GstBus* bus = gst_element_get_bus(pipeline);
  const auto wanted = static_cast<GstMessageType>(GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
  GstMessage* message = gst_bus_timed_pop_filtered(bus, 60 * GST_SECOND, wanted);
  const bool ended = message != nullptr && GST_MESSAGE_TYPE(message) == GST_MESSAGE_EOS;
  if (message != nullptr) gst_message_unref(message);
  gst_object_unref(bus);
  return ended;
}

}  // namespace

// `launch_text` begins with an appsrc named "source"; `pictures` are `count` frames of `bytes` each, in turn.
extern "C" int record(const char* launch_text, const char* caps_text, unsigned char** pictures, int count, std::size_t bytes, int frames,
                      int fps) {
  gst_init(nullptr, nullptr);
  GstElement* pipeline = gst_parse_launch(launch_text, nullptr);
  if (pipeline == nullptr) return 1;
  GstElement* appsrc = gst_bin_get_by_name(GST_BIN(pipeline), "source");
  GstCaps* caps = gst_caps_from_string(caps_text);
  gst_app_src_set_caps(GST_APP_SRC(appsrc), caps);
  g_object_set(appsrc, "format", GST_FORMAT_TIME, "block", TRUE, "max-buffers", guint64{4}, "max-bytes", guint64{0}, nullptr);
  gst_element_set_state(pipeline, GST_STATE_PLAYING);
  for (int n = 0; n < frames; ++n) {
    unsigned char* picture = pictures[n % count];
    GstBuffer* buffer = gst_buffer_new_wrapped_full(GST_MEMORY_FLAG_READONLY, picture, bytes, 0, bytes, nullptr, nullptr);
    GST_BUFFER_PTS(buffer) = gst_util_uint64_scale(static_cast<guint64>(n), GST_SECOND, static_cast<guint64>(fps));
    GST_BUFFER_DURATION(buffer) = GST_SECOND / static_cast<guint64>(fps);
    if (gst_app_src_push_buffer(GST_APP_SRC(appsrc), buffer) != GST_FLOW_OK) break;
  }
  gst_app_src_end_of_stream(GST_APP_SRC(appsrc));
  const bool ended = finish(pipeline);
  gst_element_set_state(pipeline, GST_STATE_NULL);
  gst_caps_unref(caps);
  gst_object_unref(appsrc);
  gst_object_unref(pipeline);
  return ended ? 0 : 1;
}
