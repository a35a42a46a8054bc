// Y'CbCr and colour in double precision, and how far integers are from it.
//
// Nothing here trusts the kernels' integer weights: the reference is the definition of Y'CbCr.
#pragma once

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "frame/frame_convert.h"

namespace skyline {

constexpr Colorimetry kMatrices[] = {{Matrix::bt601, Range::limited},
                                     {Matrix::bt601, Range::full},
                                     {Matrix::bt709, Range::limited},
                                     {Matrix::bt709, Range::full}};

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;  // ten times slower: tests that visit everything visit a part
#else
constexpr bool kSanitized = false;
#endif

struct Reference {  // Y'CbCr of colours in 0…255, not rounded
  double kr, kb, luma_scale, luma_offset, chroma_scale;

  explicit Reference(Colorimetry c)
      : kr(c.matrix == Matrix::bt601 ? 0.299 : 0.2126),
        kb(c.matrix == Matrix::bt601 ? 0.114 : 0.0722),
        luma_scale(c.range == Range::limited ? 219.0 / 255.0 : 1.0),
        luma_offset(c.range == Range::limited ? 16.0 : 0.0),
        chroma_scale(c.range == Range::limited ? 224.0 / 255.0 : 1.0) {}

  double gamma_luma(double r, double g, double b) const { return kr * r + (1 - kr - kb) * g + kb * b; }
  double y(double r, double g, double b) const { return luma_offset + luma_scale * gamma_luma(r, g, b); }
  // Full-range blue and red end at 255.5: a byte cannot say more than 255.
  double cb(double r, double g, double b) const {
    return 128.0 + chroma_scale * (b - gamma_luma(r, g, b)) / (2.0 * (1.0 - kb));
  }
  double cr(double r, double g, double b) const {
    return 128.0 + chroma_scale * (r - gamma_luma(r, g, b)) / (2.0 * (1.0 - kr));
  }

  // And back, limited to what a byte can say. Chroma counts from 128.
  double red(double y, double cr) const { return colour(y, 2.0 * (1.0 - kr) * cr); }
  double blue(double y, double cb) const { return colour(y, 2.0 * (1.0 - kb) * cb); }
  double green(double y, double cb, double cr) const {
    return colour(y, -2.0 * ((1.0 - kb) * kb * cb + (1.0 - kr) * kr * cr) / (1.0 - kr - kb));
  }
  double gray(double y) const { return colour(y, 0.0); }

 private:
  double colour(double y, double part) const {
    return std::clamp((y - luma_offset) / luma_scale + part / chroma_scale, 0.0, 255.0);
  }
};

struct ErrorStats {
  double max = 0.0;
  double sum = 0.0;
  long count = 0;
  long not_nearest = 0;

  void add(int value, double exact) {
    const double error = value - exact;
    max = std::max(max, std::abs(error));
    sum += error;
    ++count;
    if (value != std::min(255L, std::lround(exact))) ++not_nearest;
  }
  double bias() const { return sum / static_cast<double>(count); }
  double off_share() const { return static_cast<double>(not_nearest) / static_cast<double>(count); }
  std::string text() const {
    return "max " + std::to_string(max) + " bias " + std::to_string(bias()) + " not nearest " +
           std::to_string(100.0 * off_share()) + " %";
  }
};

}  // namespace skyline
