// Packed formats into one another: gray of colours, gray of 8 and of 16 bits.
#include <cmath>

#include "check.h"
#include "colour_reference.h"
#include "picture.h"

using namespace skyline;

namespace {

int word(const Picture& wide, int x, int y) {
  const std::uint8_t* bytes = wide.row(0, y) + 2 * x;
  return bytes[0] + bytes[1] * 256;
}

// 65536 pixels of 16 bits, one of each value.
void fill_with_all(const Picture& wide) {
  for (int value = 0; value < 65536; ++value) {
    wide.row(0, value / 256)[value % 256 * 2] = static_cast<std::uint8_t>(value);
    wide.row(0, value / 256)[value % 256 * 2 + 1] = static_cast<std::uint8_t>(value / 256);
  }
}

}  // namespace

TEST("the gray of all 2^24 colours is within 0.51, of 8 bits and of 16, and full range") {
  Picture colours(Format::RGB, 4096, 256);
  Picture gray(Format::GRAY8, 4096, 256);
  Picture wide(Format::GRAY16_LE, 4096, 256);
  for (const Colorimetry colorimetry : kMatrices) {
    const Reference exact(colorimetry);
    double most = 0.0;
    double most_wide = 0.0;
    for (int high = 0; high < 16; high += kSanitized ? 15 : 1) {  // 16 reds, 256 greens, 256 blues
      for (int y = 0; y < 256; ++y) {
        std::uint8_t* pixel = colours.row(0, y);
        for (int x = 0; x < 4096; ++x, pixel += 3) {
          pixel[0] = static_cast<std::uint8_t>(high * 16 + x / 256);
          pixel[1] = static_cast<std::uint8_t>(y);
          pixel[2] = static_cast<std::uint8_t>(x % 256);
        }
      }
      convert_frame(colours.source(), gray.view(), colorimetry);
      convert_frame(colours.source(), wide.view(), colorimetry);
      for (int y = 0; y < 256; ++y) {
        const std::uint8_t* values = gray.row(0, y);
        for (int x = 0; x < 4096; ++x) {
          const double luma = exact.gamma_luma(high * 16 + x / 256, y, x % 256);
          most = std::max(most, std::abs(values[x] - luma));
          most_wide = std::max(most_wide, std::abs(word(wide, x, y) - 257.0 * luma));
        }
      }
    }
    CHECK_SAY(most <= 0.5055, std::to_string(most));
    CHECK_SAY(most_wide <= 0.501, std::to_string(most_wide));
    CHECK_SAY(most > 0.49 && most_wide > 0.49, "the visit saw nothing");
  }
}

TEST("every packed colour format has the same gray, and gray pixels keep their value") {
  for (const Format to : {Format::GRAY8, Format::GRAY16_LE}) {
    Picture bgr(Format::BGR, 256, 3);
    bgr.fill(Content::random, 11);
    for (int at = 0; at < 256 * 3; ++at) bgr.row(0, 1)[at] = static_cast<std::uint8_t>(at / 3);
    Picture expected(to, 256, 3);
    convert_frame(bgr.source(), expected.view(), {});
    for (int x = 0; x < 256; ++x)
      CHECK_EQ(to == Format::GRAY8 ? expected.row(0, 1)[x] : word(expected, x, 1), to == Format::GRAY8 ? x : 257 * x);
    for (const Format from : {Format::RGB, Format::BGRA, Format::RGBA, Format::BGRx, Format::RGBx}) {
      Picture colours(from, 256, 3);
      Picture gray(to, 256, 3);
      convert_frame(bgr.source(), colours.view(), {});
      convert_frame(colours.source(), gray.view(), {});
      CHECK_SAY(gray.memory() == expected.memory(), format_name(from));
    }
  }
}

TEST("16 bits of gray become the nearest of 8, alone and in colour, and 8 bits become v * 257") {
  Picture wide(Format::GRAY16_LE, 256, 256);
  fill_with_all(wide);
  Picture narrow(Format::GRAY8, 256, 256);
  convert_frame(wide.source(), narrow.view(), {});
  int nearest = 0;
  for (int value = 0; value < 65536; ++value) {
    if (narrow.row(0, value / 256)[value % 256] == std::lround(value / 257.0)) ++nearest;
  }
  CHECK_EQ(nearest, 65536);

  for (const Format to : {Format::BGR, Format::RGBA, Format::BGRx}) {
    Picture from_wide(to, 256, 256);
    Picture from_narrow(to, 256, 256);
    convert_frame(wide.source(), from_wide.view(), {});
    convert_frame(narrow.source(), from_narrow.view(), {});
    CHECK_SAY(from_wide.memory() == from_narrow.memory(), format_name(to));
  }

  Picture widened(Format::GRAY16_LE, 256, 256);
  Picture back(Format::GRAY8, 256, 256);
  convert_frame(narrow.source(), widened.view(), {});
  convert_frame(widened.source(), back.view(), {});
  CHECK(back.memory() == narrow.memory());
  for (int x = 0; x < 256; ++x) CHECK_EQ(word(widened, x, 100), narrow.row(0, 100)[x] * 257);
}
