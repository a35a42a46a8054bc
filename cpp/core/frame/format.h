// The pixel formats a frame may have, in GStreamer's spelling, and their memory layout.
#pragma once

#include <gst/video/video.h>

#include <cstddef>
#include <string>

namespace skyline {

// BGRx and RGBx have a fourth byte that means nothing: ignored when read, 255 when written.
enum class Format { BGR, RGB, BGRA, RGBA, GRAY8, GRAY16_LE, I420, NV12, BGRx, RGBx };

constexpr int kFormatCount = 10;

const char* format_name(Format format);              // "BGR"
Format format_from_name(const std::string& name);    // throws SinkError naming the accepted ones
GstVideoFormat to_gst(Format format);

bool is_planar(Format format);                       // I420, NV12: several planes in one array
bool is_colour(Format format);                       // packed, of red, green and blue
bool has_alpha(Format format);                       // BGRA, RGBA
int plane_count(Format format);                      // 1, I420 3, NV12 2
int channel_count(Format format);                    // of a packed format: 3, 4 or 1; planar: 1
int pixel_bytes(Format format);                      // of a packed format: 3, 4, 1 or 2; planar: 1

// Bytes and rows of one plane without padding. 4:2:0 chroma planes round up.
std::size_t plane_row_bytes(Format format, int plane, int width);
int plane_rows(Format format, int plane, int height);
std::size_t frame_bytes(Format format, int width, int height);  // all planes, tightly packed

}  // namespace skyline
