// Where pixels end up: channels, planes, padding, odd edges and broadcast rows.
#include <algorithm>

#include "check.h"
#include "frame/frame_convert.h"
#include "picture.h"

using namespace skyline;

namespace {

std::string name_of(Format from, Format to) { return std::string(format_name(from)) + " to " + format_name(to); }

}  // namespace

TEST("packed pixels keep their colours, the fourth byte is 255 where there was no alpha") {
  for (const Format from : all_formats()) {
    if (!is_colour(from) && from != Format::GRAY8) continue;
    for (const Format to : all_formats()) {
      if (!is_colour(to) || from == to) continue;
      Picture source(from, 131, 3);
      Picture result(to, 131, 3);
      source.fill(Content::random, 9);
      convert_frame(source.source(), result.view(), {});
      const std::string from_name = format_name(from);
      const std::string to_name = format_name(to);
      bool right = true;
      for (int at = 0; at < 131 * 3; ++at) {
        const std::uint8_t* in = source.row(0, at / 131) + at % 131 * pixel_bytes(from);
        const std::uint8_t* out = result.row(0, at / 131) + at % 131 * pixel_bytes(to);
        for (std::size_t channel = 0; channel < to_name.size(); ++channel) {
          const char colour = to_name[channel];
          const bool filled = colour == 'x' || (colour == 'A' && !has_alpha(from));
          const std::size_t origin = filled ? std::string::npos : from == Format::GRAY8 ? 0 : from_name.find(colour);
          right = right && out[channel] == (origin == std::string::npos ? 255 : in[origin]);
        }
      }
      CHECK_SAY(right, name_of(from, to));
    }
  }
}

TEST("I420 and NV12 exchange their chroma and nothing else") {
  for (const int width : {1, 2, 33, 130}) {
    Picture planes(Format::I420, width, 5);
    Picture pairs(Format::NV12, width, 5);
    Picture back(Format::I420, width, 5);
    planes.fill(Content::random, 4);
    convert_frame(planes.source(), pairs.view(), {});
    convert_frame(pairs.source(), back.view(), {});
    CHECK(planes.memory() == back.memory());
    for (int x = 0; x < width / 2; ++x) {
      CHECK_EQ(+pairs.row(1, 2)[2 * x], +planes.row(1, 2)[x]);
      CHECK_EQ(+pairs.row(1, 2)[2 * x + 1], +planes.row(2, 2)[x]);
    }
  }
}

TEST("padding to even repeats the edges") {
  for (const Format from : all_formats()) {
    for (const Format to : all_formats()) {
      Picture source(from, 33, 17);
      source.fill(Content::random, 2);
      Picture exact(to, 33, 17);
      Picture padded(to, 34, 18);
      convert_frame(source.source(), exact.view(), {});
      convert_frame(source.source(), padded.view(), {});
      bool right = true;
      const auto size = static_cast<std::size_t>(pixel_bytes(to));
      for (int plane = 0; plane < plane_count(to); ++plane) {
        const std::size_t bytes = plane_row_bytes(to, plane, 33);
        for (int y = 0; y < plane_rows(to, plane, 18); ++y) {
          const int origin = std::min(y, plane_rows(to, plane, 17) - 1);
          right = right && std::memcmp(padded.row(plane, y), exact.row(plane, origin), bytes) == 0;
          if (plane > 0) continue;
          right = right && std::memcmp(padded.row(0, y) + bytes, exact.row(0, origin) + bytes - size, size) == 0;
        }
      }
      CHECK_SAY(right, name_of(from, to));
    }
  }
}

TEST("an odd edge has the chroma of its own pixels alone") {
  Picture odd(Format::RGB, 3, 3);
  Picture grown(Format::RGB, 4, 4);
  odd.fill(Content::random, 5);
  for (int at = 0; at < 16; ++at) {
    std::memcpy(grown.row(0, at / 4) + at % 4 * 3, odd.row(0, std::min(at / 4, 2)) + std::min(at % 4, 2) * 3, 3);
  }
  Picture from_odd(Format::I420, 4, 4);
  Picture from_grown(Format::I420, 4, 4);
  convert_frame(odd.source(), from_odd.view(), {});
  convert_frame(grown.source(), from_grown.view(), {});
  CHECK(from_odd.memory() == from_grown.memory());
}

TEST("a broadcast source row, of stride zero, is read again and again") {
  Picture row(Format::BGR, 100, 1);
  Picture all(Format::BGR, 100, 6);
  row.fill(Content::random, 6);
  for (int y = 0; y < 6; ++y) std::memcpy(all.row(0, y), row.row(0, 0), 300);
  FrameView broadcast = row.source();
  broadcast.height = 6;
  broadcast.stride = {0, 0, 0};
  Picture expected(Format::NV12, 100, 6);
  Picture result(Format::NV12, 100, 6);
  convert_frame(all.source(), expected.view(), {});
  convert_frame(broadcast, result.view(), {});
  CHECK(result.memory() == expected.memory());
}
