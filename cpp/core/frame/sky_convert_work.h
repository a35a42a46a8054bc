// The conversion that skyconvert has settled on: made once per caps, run for every buffer.
//
// Inside frame/ only.
#pragma once

#include <optional>

#include "frame/sky_convert_fallback.h"
#include "frame/sky_convert_path.h"
#include "frame/sky_convert_picture.h"

namespace skyline {

class ConvertWork {
 public:
  // Throws FrameError where there is no way from one to the other. `threads` are for GstVideoConverter
  // alone (0: one per core): the kernels gain nothing from a second one at a camera's pace.
  ConvertWork(const RawVideo& in, const RawVideo& out, unsigned threads);

  ConvertPath path() const { return path_; }
  // Precondition: not passthrough. Throws FrameError.
  void convert(GstBuffer* in, GstBuffer* out);

 private:
  GstVideoInfo in_;
  GstVideoInfo out_;
  ConvertPath path_;
  std::optional<Format> from_, to_;  // where they are ours
  Colorimetry weights_;
  std::optional<Fallback> fallback_;
};

}  // namespace skyline
