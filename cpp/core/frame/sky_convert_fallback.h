// GStreamer's converter, which videoconvert runs, with what it leaves out put right.
//
// Inside frame/ only. Made once per caps, run for every frame.
#pragma once

#include <memory>
#include <optional>

#include "frame/sky_convert_range.h"
#include "gst/owned.h"

namespace skyline {

class Fallback {
 public:
  // For frames of one size. `threads`: 0 for one per core. Throws FrameError where GStreamer knows no way.
  Fallback(GstVideoInfo in, GstVideoInfo out, unsigned threads);

  // `out` may be larger than `in`; what lies beyond is not written.
  void convert(GstVideoFrame* in, GstVideoFrame* out);

 private:
  struct ConverterFree {
    void operator()(GstVideoConverter* converter) const noexcept { gst_video_converter_free(converter); }
  };
  using ConverterPtr = std::unique_ptr<GstVideoConverter, ConverterFree>;

  // Where the range changes in a format whose samples cannot be got at: through one where they can.
  struct Detour {
    GstVideoInfo info;
    BufferPtr buffer;
    ConverterPtr onward;
  };

  static ConverterPtr make(const GstVideoInfo& in, const GstVideoInfo& out, unsigned threads);
  void convert_by_detour(GstVideoFrame* in, GstVideoFrame* out);

  int width_;
  int height_;
  ConverterPtr converter_;
  std::optional<RangeShift> range_shift_;
  std::optional<Detour> detour_;
};

}  // namespace skyline
