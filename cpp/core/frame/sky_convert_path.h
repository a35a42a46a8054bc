// Which way skyconvert takes from one kind of raw video to another.
//
// Inside frame/ only. Our kernels know progressive frames, BT.601 and BT.709, limited and full range.
// All else (YUY2, 10 bits, BT.2020, interlaced, another matrix on the other side) is GStreamer's own
// converter's, the one that videoconvert runs.
#pragma once

#include <optional>

#include "frame/frame_convert.h"
#include "gst/owned.h"

namespace skyline {

enum class ConvertPath {
  refused,         // no way: another size, or fields become frames
  passthrough,     // the same buffer goes on
  kernel,          // convert_frame
  videoconverter,  // GstVideoConverter
};

const char* path_name(ConvertPath path);  // "passthrough", "kernel", "videoconverter"; "none" for refused

// What caps say of frames, with GStreamer's defaults where they say nothing: BT.601 or BT.709 by
// height, limited range for YUV, full range for RGB and gray.
struct RawVideo {
  GstVideoInfo info;
  bool says_chroma_site = false;
};

// True where frames with these features can be read: system memory, with overlays or without.
bool is_readable(const GstCapsFeatures* features);

// Nothing where the caps are not those of raw frames. `caps` are fixed.
std::optional<RawVideo> raw_video(const GstCaps* caps);

ConvertPath choose_path(const RawVideo& in, const RawVideo& out);

// The format of a frame, where it is one of ours.
std::optional<Format> frame_format(GstVideoFormat format);

// The colours, as far as they name a matrix and a range, agree: nothing has to be computed.
bool same_colours(const GstVideoColorimetry& a, const GstVideoColorimetry& b);
// Standard dynamic range in primaries near those of BT.709: what goes into sRGB and back as it is.
bool is_sdr(const GstVideoColorimetry& colorimetry);
// A side that is rounded up to even counts as the same: 4:2:0 of an odd size.
bool fits_size(const GstVideoInfo& in, const GstVideoInfo& out);

// The weights between colour and this YUV or gray side of a conversion.
Colorimetry colorimetry_of(const GstVideoInfo& side);

}  // namespace skyline
