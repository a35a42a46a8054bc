#include "lane/raw_caps.h"

namespace skyline {

CapsPtr raw_caps_any_rate(Format format, int width, int height, std::optional<Colorimetry> colorimetry) {
  CapsPtr caps = CapsPtr::adopt(gst_caps_new_simple("video/x-raw", "format", G_TYPE_STRING, format_name(format), "width", G_TYPE_INT, width,
                                                    "height", G_TYPE_INT, height, nullptr));
  if (colorimetry && is_planar(format)) {
    // The site that everybody assumes where none is said. It has to be said: qtmux (1.22) crashes on VP9 without it.
    gst_caps_set_simple(caps.get(), "colorimetry", G_TYPE_STRING, colorimetry_caps(*colorimetry).c_str(), "chroma-site",
                        G_TYPE_STRING, "mpeg2", nullptr);
  }
  return caps;
}

CapsPtr raw_caps(Format format, int width, int height, Framerate framerate, std::optional<Colorimetry> colorimetry) {
  CapsPtr caps = raw_caps_any_rate(format, width, height, colorimetry);
  gst_caps_set_simple(caps.get(), "framerate", GST_TYPE_FRACTION, framerate.numerator, framerate.denominator, "pixel-aspect-ratio",
                      GST_TYPE_FRACTION, 1, 1, "interlace-mode", G_TYPE_STRING, "progressive", nullptr);
  return caps;
}

}  // namespace skyline
