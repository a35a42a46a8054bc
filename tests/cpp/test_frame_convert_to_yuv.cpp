// Colour and gray to I420 and NV12, against arithmetic in double precision.
#include <algorithm>
#include <cmath>

#include "check.h"
#include "colour_reference.h"
#include "frame/colour_weights.h"
#include "picture.h"

using namespace skyline;

namespace {

// One chroma sample is offset + own(o) - other(g) - other(m) of three channel sums (0…1020 over
// four pixels), clipped from above: its terms are tabulated, then every combination is visited.
struct ChromaTerms {
  using Terms = std::array<std::uint16_t, 1021>;
  Terms own, green, third;  // as the kernels have them, Q8
  // Exact in 1/32 of that, modulo 2^16: the difference of a code from the exact value is small, so
  // it survives the wrapping, and 16-bit lanes visit 1021^3 combinations in no time.
  Terms exact_own, exact_green, exact_third;

  ChromaTerms(double scale, double kr, double kb, std::uint32_t offset, std::uint32_t w_own, std::uint32_t w_green,
              std::uint32_t w_third) {
    const double exact_third_weight = scale / 2.0 * kr / (1.0 - kb);
    const double exact_green_weight = scale / 2.0 - exact_third_weight;
    for (std::uint32_t sum = 0; sum <= 1020; ++sum) {
      const std::uint32_t mean = sum * 64;
      own[sum] = narrow(std::min(offset + (mean * w_own >> 16), 65535u));
      green[sum] = narrow(mean * w_green >> 16);
      third[sum] = narrow(mean * w_third >> 16);
      exact_own[sum] = fine(32768.0 + scale / 2.0 * mean);
      exact_green[sum] = fine(exact_green_weight * mean);
      exact_third[sum] = fine(exact_third_weight * mean);
    }
  }
  static std::uint16_t narrow(std::uint32_t value) { return static_cast<std::uint16_t>(value); }
  static std::uint16_t fine(double q8) { return static_cast<std::uint16_t>(std::lround(q8 * 32.0)); }
};

// A thousand million combinations, eight times: vectors are needed, and no sanitizer.
#if defined(__GNUC__) && !defined(__clang__)
__attribute__((optimize("O3")))
#endif
__attribute__((no_sanitize("address", "undefined"))) double
largest_chroma_error(const ChromaTerms& t) {
  const std::uint16_t* third = t.third.data();
  const std::uint16_t* exact_third = t.exact_third.data();
  std::int16_t low = 0;
  std::int16_t high = 0;
  for (std::size_t o = 0; o <= 1020; ++o) {
    for (std::size_t g = 0; g <= 1020; ++g) {
      const auto base = static_cast<std::uint16_t>(t.own[o] - t.green[g]);
      const auto exact = static_cast<std::uint16_t>(t.exact_own[o] - t.exact_green[g]);
      for (std::size_t m = 0; m <= 1020; ++m) {
        const auto sum = static_cast<std::uint16_t>(base - third[m]);
        const auto code = static_cast<std::uint16_t>((sum & 0xFF00) << 5);
        const auto error = static_cast<std::int16_t>(code - exact + exact_third[m]);
        low = error < low ? error : low;
        high = error > high ? error : high;
      }
    }
  }
  return std::max(-low, +high) / (32.0 * 256.0);
}

}  // namespace

TEST("chroma neither overflows nor errs beyond 0.51 in any of 1021^3 channel sums") {
  for (const Colorimetry colorimetry : kMatrices) {
    const ChromaWeights w = colour_weights(colorimetry).chroma;
    const Reference r(colorimetry);
    const bool full = colorimetry.range == Range::full;
    const ChromaTerms cb(r.chroma_scale, r.kr, r.kb, w.offset, w.own, w.cb_minus_green, w.cb_minus_red);
    const ChromaTerms cr(r.chroma_scale, r.kb, r.kr, w.offset, w.own, w.cr_minus_green, w.cr_minus_blue);
    for (const ChromaTerms* terms : {&cb, &cr}) {
      // Each term grows with its sum, so the ends of the terms are the ends of all combinations.
      const int low = terms->own.front() - terms->green.back() - terms->third.back();
      const int high = terms->own.back() - terms->green.front() - terms->third.front();
      CHECK_SAY(low >= (full ? 256 : 16 * 256), std::to_string(low));
      CHECK_SAY(high <= (full ? 65535 : 241 * 256 - 1), std::to_string(high));
      const double error = largest_chroma_error(*terms);
      CHECK_SAY(error <= 0.5105, std::to_string(error));
      CHECK_SAY(error > 0.5, "the visit saw nothing: " + std::to_string(error));
    }
  }
}

TEST("luma is within 0.51 for all 2^24 colours") {
  Picture colours(Format::RGB, 4096, 256);
  Picture yuv(Format::I420, 4096, 256);
  for (const Colorimetry colorimetry : kMatrices) {
    const Reference exact(colorimetry);
    ErrorStats stats;
    for (int high = 0; high < 16; ++high) {  // 16 pictures of 16 reds, 256 greens, 256 blues
      for (int y = 0; y < 256; ++y) {
        std::uint8_t* pixel = colours.row(0, y);
        for (int x = 0; x < 4096; ++x, pixel += 3) {
          pixel[0] = static_cast<std::uint8_t>(high * 16 + x / 256);
          pixel[1] = static_cast<std::uint8_t>(y);
          pixel[2] = static_cast<std::uint8_t>(x % 256);
        }
      }
      convert_frame(colours.source(), yuv.view(), colorimetry);
      for (int y = 0; y < 256; ++y) {
        const std::uint8_t* luma = yuv.row(0, y);
        for (int x = 0; x < 4096; ++x) {
          stats.add(luma[x], exact.y(high * 16 + x / 256, y, x % 256));
        }
      }
    }
    CHECK_EQ(stats.count, 1L << 24);
    CHECK_SAY(stats.max <= 0.5055, stats.text());
    CHECK_SAY(std::abs(stats.bias()) < 0.001, stats.text());
    CHECK_SAY(stats.off_share() < 0.002, stats.text());
  }
}

TEST("chroma of random and extreme blocks is within 0.51") {
  Picture colours(Format::BGR, 1000, 600);
  Picture yuv(Format::NV12, 1000, 600);
  for (const Colorimetry colorimetry : kMatrices) {
    const Reference exact(colorimetry);
    for (const Content content : {Content::random, Content::extreme, Content::near_extreme}) {
      colours.fill(content, 7);
      convert_frame(colours.source(), yuv.view(), colorimetry);
      ErrorStats stats;
      for (int y = 0; y < 600; y += 2) {
        const std::uint8_t* upper = colours.row(0, y);
        const std::uint8_t* lower = colours.row(0, y + 1);
        const std::uint8_t* pairs = yuv.row(1, y / 2);
        for (int x = 0; x < 3000; x += 6) {
          const auto mean = [&](int c) {
            return (upper[x + c] + upper[x + c + 3] + lower[x + c] + lower[x + c + 3]) / 4.0;
          };
          stats.add(pairs[x / 3], exact.cb(mean(2), mean(1), mean(0)));
          stats.add(pairs[x / 3 + 1], exact.cr(mean(2), mean(1), mean(0)));
        }
      }
      CHECK_SAY(stats.max <= 0.5105, stats.text());
      // Four pixels of two values each repeat few sums, so only random ones average out.
      if (content == Content::random) CHECK_SAY(std::abs(stats.bias()) <= 0.012, stats.text());
    }
  }
}

TEST("grays keep their value and have chroma 128, from colour and from gray") {
  for (const Colorimetry colorimetry : kMatrices) {
    const Reference exact(colorimetry);
    for (const Format from : {Format::BGR, Format::RGBA, Format::GRAY8}) {
      Picture grays(from, 512, 2);
      Picture yuv(Format::I420, 512, 2);
      const int bytes = pixel_bytes(from);
      for (int at = 0; at < 512 * bytes; ++at) {
        grays.row(0, 0)[at] = grays.row(0, 1)[at] = static_cast<std::uint8_t>(at / bytes / 2);
      }
      convert_frame(grays.source(), yuv.view(), colorimetry);
      ErrorStats stats;
      for (int x = 0; x < 512; ++x) {
        stats.add(yuv.row(0, 0)[x], exact.y(x / 2, x / 2, x / 2));
        CHECK_EQ(+yuv.row(1, 0)[x / 2], 128);
        CHECK_EQ(+yuv.row(2, 0)[x / 2], 128);
      }
      CHECK_SAY(stats.max <= 0.5055, stats.text());
      CHECK_EQ(+yuv.row(0, 0)[0], colorimetry.range == Range::full ? 0 : 16);
      CHECK_EQ(+yuv.row(0, 0)[511], colorimetry.range == Range::full ? 255 : 235);
    }
  }
}

TEST("16-bit gray is within 0.51 for all 65536 values") {
  Picture grays(Format::GRAY16_LE, 256, 256);
  Picture yuv(Format::NV12, 256, 256);
  for (int value = 0; value < 65536; ++value) {
    grays.row(0, value / 256)[value % 256 * 2] = static_cast<std::uint8_t>(value);
    grays.row(0, value / 256)[value % 256 * 2 + 1] = static_cast<std::uint8_t>(value / 256);
  }
  for (const Colorimetry colorimetry : kMatrices) {
    const Reference exact(colorimetry);
    convert_frame(grays.source(), yuv.view(), colorimetry);
    ErrorStats stats;
    int gray_chroma = 0;
    for (int value = 0; value < 65536; ++value) {
      const double gray = value * 255.0 / 65535.0;
      stats.add(yuv.row(0, value / 256)[value % 256], exact.y(gray, gray, gray));
      if (yuv.row(1, value / 512)[value % 256] == 128) ++gray_chroma;
    }
    CHECK_EQ(gray_chroma, 65536);
    CHECK_SAY(stats.max <= 0.51, stats.text());
  }
}
