// The floor: what GStreamer itself costs when C pushes frames into fakesink, without Python.
//
//   floor WIDTH HEIGHT FRAMES          prints seconds per frame; every frame must have been rendered
//   floor WIDTH HEIGHT FRAMES FILE     writes them into a file instead, for its check: byte n of frame k is (n + k) %
//   251
#include <gst/app/gstappsrc.h>
#include <gst/gst.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

namespace {

constexpr int kSources = 8;
constexpr int kWarmUp = 200;

struct Source {
  GstAppSrc* appsrc;
  std::vector<std::vector<unsigned char>> frames;
  guint64 pushed = 0;

  void push(int count) {
    for (int n = 0; n < count; ++n, ++pushed) {
      std::vector<unsigned char>& frame = frames[static_cast<std::size_t>(n % kSources)];
      GstBuffer* buffer = gst_buffer_new_wrapped_full(GST_MEMORY_FLAG_READONLY, frame.data(), frame.size(), 0,
                                                      frame.size(), nullptr, nullptr);
      GST_BUFFER_PTS(buffer) = pushed * 33333333;
      if (gst_app_src_push_buffer(appsrc, buffer) != GST_FLOW_OK) std::abort();
    }
  }
};

bool ends_well(GstElement* pipeline, GstAppSrc* appsrc) {
  gst_app_src_end_of_stream(appsrc);
  GstBus* bus = gst_element_get_bus(pipeline);
  GstMessage* message = gst_bus_timed_pop_filtered(bus, 20 * GST_SECOND,
                                                   static_cast<GstMessageType>(GST_MESSAGE_EOS | GST_MESSAGE_ERROR));
  const bool is_end = message != nullptr && GST_MESSAGE_TYPE(message) == GST_MESSAGE_EOS;
  if (message != nullptr) gst_message_unref(message);
  gst_object_unref(bus);
  return is_end;
}

guint64 rendered(GstElement* sink) {
  GstStructure* stats = nullptr;
  g_object_get(sink, "stats", &stats, nullptr);
  guint64 count = 0;
  gst_structure_get_uint64(stats, "rendered", &count);
  gst_structure_free(stats);
  return count;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4 && argc != 5) {
    std::fprintf(stderr, "usage: floor WIDTH HEIGHT FRAMES [FILE]\n");
    return 2;
  }
  const int width = std::atoi(argv[1]), height = std::atoi(argv[2]), frames = std::atoi(argv[3]);
  const bool to_file = argc == 5;
  gst_init(nullptr, nullptr);
  const std::string description =
      "appsrc name=src format=time block=true max-buffers=4 max-bytes=0 max-time=0 is-live=true ! " +
      std::string(to_file ? "video/x-raw,format=BGR ! filesink name=sink" : "fakesink name=sink sync=false");
  GstElement* pipeline = gst_parse_launch(description.c_str(), nullptr);
  GstElement* appsrc = gst_bin_get_by_name(GST_BIN(pipeline), "src");
  GstElement* sink = gst_bin_get_by_name(GST_BIN(pipeline), "sink");
  if (to_file) g_object_set(sink, "location", argv[4], nullptr);
  GstCaps* caps = gst_caps_new_simple("video/x-raw", "format", G_TYPE_STRING, "BGR", "width", G_TYPE_INT, width,
                                      "height", G_TYPE_INT, height, "framerate", GST_TYPE_FRACTION, 30, 1, nullptr);
  gst_app_src_set_caps(GST_APP_SRC(appsrc), caps);
  gst_element_set_state(pipeline, GST_STATE_PLAYING);

  Source source{GST_APP_SRC(appsrc), {}};
  for (int k = 0; k < kSources; ++k) {
    auto& frame = source.frames.emplace_back(static_cast<std::size_t>(width) * static_cast<std::size_t>(height) * 3);
    for (std::size_t n = 0; n < frame.size(); ++n)
      frame[n] = static_cast<unsigned char>((n + static_cast<std::size_t>(k)) % 251);
  }
  if (!to_file) source.push(kWarmUp);  // threads and caps are there when the clock starts
  const auto begin = std::chrono::steady_clock::now();
  source.push(frames);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;

  const bool is_right = ends_well(pipeline, GST_APP_SRC(appsrc)) && (to_file || rendered(sink) == source.pushed);
  if (is_right) std::printf("%.9f\n", took.count() / frames);
  gst_element_set_state(pipeline, GST_STATE_NULL);
  gst_caps_unref(caps);
  gst_object_unref(sink);
  gst_object_unref(appsrc);
  gst_object_unref(pipeline);
  return is_right ? 0 : 1;
}
