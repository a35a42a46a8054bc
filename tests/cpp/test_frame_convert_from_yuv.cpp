// I420 and NV12 to colour and gray, against arithmetic in double precision.
#include <algorithm>
#include <array>
#include <cmath>

#include "check.h"
#include "colour_reference.h"
#include "picture.h"

using namespace skyline;

namespace {

constexpr double kMostError = 0.53;
constexpr Format kColours[] = {Format::BGR, Format::RGB, Format::BGRA, Format::RGBA, Format::BGRx, Format::RGBx};

// All luma values with all Cb values and one Cr: 64 pixel blocks of 2x2 per chroma pair side by
// side, one Cb per pair of rows.
constexpr int kWidth = 128;
constexpr int kHeight = 512;

int luma_at(int x, int y) { return x * 2 + y % 2; }

void fill(const Picture& planes, int cr) {
  for (int y = 0; y < kHeight; ++y) {
    for (int x = 0; x < kWidth; ++x) planes.row(0, y)[x] = static_cast<std::uint8_t>(luma_at(x, y));
  }
  for (int y = 0; y < kHeight / 2; ++y) {
    std::memset(planes.row(1, y), y, kWidth / 2);
    std::memset(planes.row(2, y), cr, kWidth / 2);
  }
}

struct LargestErrors {
  double low = 0.0;
  double high = 0.0;
  double sum = 0.0;

  void add(int value, double exact) {
    const double error = value - exact;
    low = std::min(low, error);
    high = std::max(high, error);
    sum += error;
  }
  std::string text() const { return std::to_string(low) + " to " + std::to_string(high); }
  bool within(double bound) const { return -low <= bound && high <= bound; }
};

LargestErrors errors_of(const Picture& bgr, const Reference& exact, int cr) {
  std::array<double, 256> red{};
  for (int y = 0; y < 256; ++y) red[static_cast<std::size_t>(y)] = exact.red(y, cr - 128);
  LargestErrors errors;
  for (int y = 0; y < kHeight; ++y) {
    const std::uint8_t* pixel = bgr.row(0, y);
    const int cb = y / 2;
    for (int x = 0; x < kWidth; ++x, pixel += 3) {
      const int luma = luma_at(x, y);
      errors.add(pixel[0], exact.blue(luma, cb - 128));
      errors.add(pixel[1], exact.green(luma, cb - 128, cr - 128));
      errors.add(pixel[2], red[static_cast<std::size_t>(luma)]);
    }
  }
  return errors;
}

// The same colours in another order of bytes, and nothing but 255 beside them.
bool same_colours(const Picture& bgr, const Picture& other) {
  const std::string name = format_name(other.view().format);
  const std::size_t blue = name.find('B');
  const std::size_t bytes = name.size();
  bool same = true;
  for (int y = 0; y < bgr.view().height; ++y) {
    const std::uint8_t* expected = bgr.row(0, y);
    const std::uint8_t* pixel = other.row(0, y);
    for (int x = 0; x < bgr.view().width; ++x, expected += 3, pixel += bytes) {
      same &= pixel[blue] == expected[0] && pixel[1] == expected[1] && pixel[2 - blue] == expected[2];
      same &= bytes == 3 || pixel[3] == 255;
    }
  }
  return same;
}

}  // namespace

TEST("every (Y, Cb, Cr) is within 0.53 of its colour, in every format") {
  Picture planes(Format::I420, kWidth, kHeight);
  Picture pairs(Format::NV12, kWidth, kHeight);
  Picture bgr(Format::BGR, kWidth, kHeight);
  for (const Colorimetry colorimetry : kMatrices) {
    const Reference exact(colorimetry);
    LargestErrors all;
    int visited = 0;
    for (int cr = 0; cr < 256; cr += kSanitized ? 51 : 1, ++visited) {
      fill(planes, cr);
      convert_frame(planes.source(), pairs.view(), colorimetry);
      convert_frame(planes.source(), bgr.view(), colorimetry);
      const LargestErrors errors = errors_of(bgr, exact, cr);
      all.low = std::min(all.low, errors.low);
      all.high = std::max(all.high, errors.high);
      all.sum += errors.sum;
      for (const Format to : kColours) {
        Picture from_planes(to, kWidth, kHeight);
        Picture from_pairs(to, kWidth, kHeight);
        convert_frame(planes.source(), from_planes.view(), colorimetry);
        convert_frame(pairs.source(), from_pairs.view(), colorimetry);
        CHECK_SAY(same_colours(bgr, from_planes), std::string("I420 to ") + format_name(to));
        CHECK_SAY(same_colours(bgr, from_pairs), std::string("NV12 to ") + format_name(to));
      }
    }
    CHECK_SAY(all.within(kMostError), all.text());
    CHECK_SAY(all.high > 0.5, "the visit saw nothing: " + all.text());
    const double bias = all.sum / (3.0 * kWidth * kHeight * visited);
    // A few values of Cr have the errors of a few constants; only all of them average out.
    if (!kSanitized) CHECK_SAY(std::abs(bias) < 0.01, std::to_string(bias));
  }
}

TEST("where chroma is 128 colour is gray, and the gray of GRAY8") {
  for (const Colorimetry colorimetry : kMatrices) {
    const Reference exact(colorimetry);
    for (const Format from : {Format::I420, Format::NV12}) {
      Picture yuv(from, 256, 2);
      for (int plane = 1; plane < plane_count(from); ++plane)
        std::memset(yuv.row(plane, 0), 128, from == Format::NV12 ? 256 : 128);
      for (int x = 0; x < 256; ++x) yuv.row(0, 0)[x] = yuv.row(0, 1)[x] = static_cast<std::uint8_t>(x);
      Picture gray(Format::GRAY8, 256, 2);
      Picture wide(Format::GRAY16_LE, 256, 2);
      Picture colour(Format::BGRA, 256, 2);
      convert_frame(yuv.source(), gray.view(), colorimetry);
      convert_frame(yuv.source(), wide.view(), colorimetry);
      convert_frame(yuv.source(), colour.view(), colorimetry);
      LargestErrors errors;
      LargestErrors wide_errors;
      for (int x = 0; x < 256; ++x) {
        const int value = gray.row(0, 1)[x];
        const std::uint8_t* bytes = wide.row(0, 1) + 2 * x;
        errors.add(value, exact.gray(x));
        wide_errors.add(bytes[0] + bytes[1] * 256, exact.gray(x) * 257.0);
        for (int channel = 0; channel < 3; ++channel) CHECK_EQ(+colour.row(0, 1)[4 * x + channel], value);
        if (colorimetry.range == Range::full) CHECK_EQ(value, x);
      }
      CHECK_SAY(errors.within(kMostError), errors.text());
      CHECK_SAY(wide_errors.within(0.5001), wide_errors.text());
      const bool limited = colorimetry.range == Range::limited;
      CHECK_EQ(+gray.row(0, 0)[limited ? 16 : 0], 0);
      CHECK_EQ(+gray.row(0, 0)[limited ? 235 : 255], 255);
      CHECK_EQ(+wide.row(0, 0)[limited ? 470 : 510], 255);
    }
  }
}

TEST("a chroma sample colours its own four pixels and no others") {
  for (const Format from : {Format::I420, Format::NV12}) {
    Picture yuv(from, 131, 5);
    yuv.fill(Content::random, 3);
    Picture whole(Format::BGR, 131, 5);
    convert_frame(yuv.source(), whole.view(), {});
    for (int y = 0; y < 5; ++y) {
      for (int x = 0; x < 131; ++x) {
        Picture one(Format::I420, 1, 1);
        one.row(0, 0)[0] = yuv.row(0, y)[x];
        const bool interleaved = from == Format::NV12;
        one.row(1, 0)[0] = interleaved ? yuv.row(1, y / 2)[x / 2 * 2] : yuv.row(1, y / 2)[x / 2];
        one.row(2, 0)[0] = interleaved ? yuv.row(1, y / 2)[x / 2 * 2 + 1] : yuv.row(2, y / 2)[x / 2];
        Picture pixel(Format::BGR, 1, 1);
        convert_frame_plain(one.source(), pixel.view(), {});
        CHECK(std::memcmp(pixel.row(0, 0), whole.row(0, y) + 3 * x, 3) == 0);
      }
    }
  }
}

TEST("a picture that goes to full-range YUV and back keeps its flat colours within two codes") {
  // Three roundings of half a code each, the two of chroma scaled by up to 1.9.
  Picture colours(Format::RGB, 512, 128);
  for (int y = 0; y < 128; ++y) {
    for (int x = 0; x < 512; ++x) {
      std::uint8_t* pixel = colours.row(0, y) + 3 * x;
      pixel[0] = static_cast<std::uint8_t>(x / 2);
      pixel[1] = static_cast<std::uint8_t>(y / 2 * 4);
      pixel[2] = static_cast<std::uint8_t>((x / 2 * 7 + y / 2 * 13) % 256);
    }
  }
  for (const Matrix matrix : {Matrix::bt601, Matrix::bt709}) {
    Picture yuv(Format::I420, 512, 128);
    Picture back(Format::RGB, 512, 128);
    convert_frame(colours.source(), yuv.view(), {matrix, Range::full});
    convert_frame(yuv.source(), back.view(), {matrix, Range::full});
    int most = 0;
    for (int y = 0; y < 128; ++y) {
      for (int at = 0; at < 512 * 3; ++at) most = std::max(most, std::abs(back.row(0, y)[at] - colours.row(0, y)[at]));
    }
    CHECK_SAY(most <= 2, std::to_string(most));
  }
}
