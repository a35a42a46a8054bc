// The floor: what GStreamer itself costs when C pushes frames into fakesink, without Python.
//
//   floor WIDTH HEIGHT FRAMES        prints seconds per frame
#include <gst/app/gstappsrc.h>
#include <gst/gst.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <vector>

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fprintf(stderr, "usage: floor WIDTH HEIGHT FRAMES\n");
    return 2;
  }
  const int width = std::atoi(argv[1]), height = std::atoi(argv[2]), frames = std::atoi(argv[3]);
  gst_init(nullptr, nullptr);
  GstElement* pipeline = gst_parse_launch(
      "appsrc name=src format=time block=true max-buffers=4 max-bytes=0 max-time=0 is-live=true ! fakesink sync=false", nullptr);
  GstElement* appsrc = gst_bin_get_by_name(GST_BIN(pipeline), "src");
  GstCaps* caps = gst_caps_new_simple("video/x-raw", "format", G_TYPE_STRING, "BGR", "width", G_TYPE_INT, width, "height", G_TYPE_INT,
                                      height, "framerate", GST_TYPE_FRACTION, 30, 1, nullptr);
  gst_app_src_set_caps(GST_APP_SRC(appsrc), caps);
  gst_element_set_state(pipeline, GST_STATE_PLAYING);

  std::vector<unsigned char> frame(static_cast<std::size_t>(width) * static_cast<std::size_t>(height) * 3);
  const auto begin = std::chrono::steady_clock::now();
  for (int n = 0; n < frames; ++n) {
    GstBuffer* buffer = gst_buffer_new_wrapped_full(GST_MEMORY_FLAG_READONLY, frame.data(), frame.size(), 0, frame.size(), nullptr, nullptr);
    GST_BUFFER_PTS(buffer) = static_cast<GstClockTime>(n) * 33333333;
    gst_app_src_push_buffer(GST_APP_SRC(appsrc), buffer);
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  std::printf("%.9f\n", took.count() / frames);

  gst_app_src_end_of_stream(GST_APP_SRC(appsrc));
  gst_element_set_state(pipeline, GST_STATE_NULL);
  gst_caps_unref(caps);
  gst_object_unref(appsrc);
  gst_object_unref(pipeline);
  return 0;
}
