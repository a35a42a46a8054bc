// What an encoder itself takes for a frame, from entering its sink pad to leaving its source pad, without Python and
// without Skyline: ready I420 frames at a camera's pace.
//
//   encoder_alone FRAMES.i420 WIDTH HEIGHT FPS COUNT "x264enc …"      prints milliseconds per frame, one per line
//
// Each frame is copied into a pooled buffer before it is pushed, as a camera's would be: the encoder reads memory that
// was just written, here as behind put, and not memory that has left the caches.
#include <gst/app/gstappsrc.h>
#include <gst/gst.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <fstream>
#include <iterator>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

struct Times {
  std::mutex mutex;
  // First in, first out: the encoder moves every time by a thousand hours, and without B-frames keeps the order.
  std::deque<Clock::time_point> entered;
  std::vector<double> took_ms;
};

GstPadProbeReturn on_entry(GstPad* /*pad*/, GstPadProbeInfo* /*info*/, gpointer data) {
  Times& times = *static_cast<Times*>(data);
  const std::lock_guard<std::mutex> lock(times.mutex);
  times.entered.push_back(Clock::now());
  return GST_PAD_PROBE_OK;
}

GstPadProbeReturn on_exit(GstPad* /*pad*/, GstPadProbeInfo* /*info*/, gpointer data) {
  const auto now = Clock::now();
  Times& times = *static_cast<Times*>(data);
  const std::lock_guard<std::mutex> lock(times.mutex);
  if (times.entered.empty()) return GST_PAD_PROBE_OK;
  times.took_ms.push_back(std::chrono::duration<double, std::milli>(now - times.entered.front()).count());
  times.entered.pop_front();
  return GST_PAD_PROBE_OK;
}

void watch(GstElement* encoder, const char* name, GstPadProbeCallback callback, Times& times) {
  GstPad* pad = gst_element_get_static_pad(encoder, name);
  gst_pad_add_probe(pad, GST_PAD_PROBE_TYPE_BUFFER, callback, &times, nullptr);
  gst_object_unref(pad);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 7) {
    std::fprintf(stderr, "usage: encoder_alone FRAMES.i420 WIDTH HEIGHT FPS COUNT ENCODER\n");
    return 2;
  }
  const int width = std::atoi(argv[2]), height = std::atoi(argv[3]), fps = std::atoi(argv[4]),
            count = std::atoi(argv[5]);
  std::ifstream file(argv[1], std::ios::binary);
  const std::vector<char> frames((std::istreambuf_iterator<char>(file)), {});
  const std::size_t bytes = static_cast<std::size_t>(width) * static_cast<std::size_t>(height) * 3 / 2;
  if (frames.size() < bytes) return 2;

  gst_init(nullptr, nullptr);
  const std::string text = "appsrc name=src format=time is-live=true max-bytes=0 ! " + std::string(argv[6]) +
                           " name=encoder ! video/x-h264,stream-format=byte-stream,alignment=au ! fakesink sync=false";
  GstElement* pipeline = gst_parse_launch(text.c_str(), nullptr);
  if (pipeline == nullptr) return 2;
  GstElement* appsrc = gst_bin_get_by_name(GST_BIN(pipeline), "src");
  GstElement* encoder = gst_bin_get_by_name(GST_BIN(pipeline), "encoder");
  GstCaps* caps = gst_caps_new_simple("video/x-raw", "format", G_TYPE_STRING, "I420", "width", G_TYPE_INT, width,
                                      "height", G_TYPE_INT, height, "framerate", GST_TYPE_FRACTION, fps, 1,
                                      "colorimetry", G_TYPE_STRING, "bt709", nullptr);
  gst_app_src_set_caps(GST_APP_SRC(appsrc), caps);
  Times times;
  watch(encoder, "sink", on_entry, times);
  watch(encoder, "src", on_exit, times);

  GstBufferPool* pool = gst_buffer_pool_new();
  GstStructure* config = gst_buffer_pool_get_config(pool);
  gst_buffer_pool_config_set_params(config, nullptr, static_cast<guint>(bytes), 3, 0);
  gst_buffer_pool_set_config(pool, config);
  gst_buffer_pool_set_active(pool, TRUE);
  gst_element_set_state(pipeline, GST_STATE_PLAYING);

  const auto begin = Clock::now();
  for (int n = 0; n < count; ++n) {
    const auto due = std::chrono::nanoseconds(std::int64_t{1000000000} * n / fps);
    std::this_thread::sleep_until(begin + due);
    GstBuffer* buffer = nullptr;
    gst_buffer_pool_acquire_buffer(pool, &buffer, nullptr);
    gst_buffer_fill(buffer, 0, frames.data() + static_cast<std::size_t>(n) % (frames.size() / bytes) * bytes, bytes);
    GST_BUFFER_PTS(buffer) = static_cast<GstClockTime>(due.count());
    gst_app_src_push_buffer(GST_APP_SRC(appsrc), buffer);
  }
  gst_app_src_end_of_stream(GST_APP_SRC(appsrc));
  GstBus* bus = gst_element_get_bus(pipeline);
  GstMessage* end = gst_bus_timed_pop_filtered(bus, 10 * GST_SECOND,
                                               static_cast<GstMessageType>(GST_MESSAGE_EOS | GST_MESSAGE_ERROR));
  const bool finished = end != nullptr && GST_MESSAGE_TYPE(end) == GST_MESSAGE_EOS;
  if (end != nullptr) gst_message_unref(end);
  gst_element_set_state(pipeline, GST_STATE_NULL);
  for (const double took_ms : times.took_ms) std::printf("%.6f\n", took_ms);
  gst_object_unref(bus);
  gst_buffer_pool_set_active(pool, FALSE);
  gst_object_unref(pool);
  gst_caps_unref(caps);
  gst_object_unref(encoder);
  gst_object_unref(appsrc);
  gst_object_unref(pipeline);
  return finished ? 0 : 1;
}
