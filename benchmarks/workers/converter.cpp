// What the element videoconvert runs for each frame, GstVideoConverter, on plain memory: a library for ctypes.
//
// Options are those that the element passes by default; check_against_element in convert_native.py compares the bytes.
#include <gst/video/video.h>

namespace {

struct Converter {
  GstVideoInfo from;
  GstVideoInfo to;
  GstVideoConverter* converter;
};

// As from caps that say no colorimetry and no chroma-site: GStreamer's defaults, the ones of cameras and of appsrc.
GstVideoInfo info_of(const char* format, int width, int height) {
  GstVideoInfo info;
  GstCaps* caps = gst_caps_new_simple("video/x-raw", "format", G_TYPE_STRING, format, "width", G_TYPE_INT, width,
                                      "height", G_TYPE_INT, height, "framerate", GST_TYPE_FRACTION, 30, 1, nullptr);
  gst_video_info_from_caps(&info, caps);
  gst_caps_unref(caps);
  return info;
}

GstVideoFrame frame_of(const GstVideoInfo& info, unsigned char* data) {
  GstVideoFrame frame{};
  frame.info = info;
  for (guint plane = 0; plane < GST_VIDEO_INFO_N_PLANES(&info); ++plane)
    frame.data[plane] = data + GST_VIDEO_INFO_PLANE_OFFSET(&info, plane);
  return frame;
}

}  // namespace

extern "C" {

// Null where GStreamer cannot convert. `fast`: whatever the element offers to give up quality for speed.
void* converter_new(const char* from, const char* to, int width, int height, unsigned threads, int fast) {
  gst_init(nullptr, nullptr);
  auto* made = new Converter{};
  made->from = info_of(from, width, height);
  made->to = info_of(to, width, height);
  GstStructure* options = gst_structure_new(
      "options", GST_VIDEO_CONVERTER_OPT_THREADS, G_TYPE_UINT, threads, GST_VIDEO_CONVERTER_OPT_DITHER_METHOD,
      GST_TYPE_VIDEO_DITHER_METHOD, fast != 0 ? GST_VIDEO_DITHER_NONE : GST_VIDEO_DITHER_BAYER,
      GST_VIDEO_CONVERTER_OPT_DITHER_QUANTIZATION, G_TYPE_UINT, 1U, GST_VIDEO_CONVERTER_OPT_CHROMA_RESAMPLER_METHOD,
      GST_TYPE_VIDEO_RESAMPLER_METHOD,
      fast != 0 ? GST_VIDEO_RESAMPLER_METHOD_NEAREST : GST_VIDEO_RESAMPLER_METHOD_LINEAR,
      GST_VIDEO_CONVERTER_OPT_CHROMA_MODE, GST_TYPE_VIDEO_CHROMA_MODE,
      fast != 0 ? GST_VIDEO_CHROMA_MODE_NONE : GST_VIDEO_CHROMA_MODE_FULL, nullptr);
  made->converter = gst_video_converter_new(&made->from, &made->to, options);
  if (made->converter != nullptr) return made;
  delete made;
  return nullptr;
}

void converter_frame(void* converter, const unsigned char* from, unsigned char* to) {
  auto* made = static_cast<Converter*>(converter);
  const GstVideoFrame source = frame_of(made->from, const_cast<unsigned char*>(from));
  GstVideoFrame destination = frame_of(made->to, to);
  gst_video_converter_frame(made->converter, &source, &destination);
}

void converter_free(void* converter) {
  auto* made = static_cast<Converter*>(converter);
  gst_video_converter_free(made->converter);
  delete made;
}
}
