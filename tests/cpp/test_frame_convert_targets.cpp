// Every SIMD target against the plain twin, and the plain twin against every other machine's.
#include "check.h"
#include "colour_reference.h"
#include "frame/band_kernel.h"
#include "picture.h"

using namespace skyline;

namespace {

constexpr int kWidest = kSanitized ? 67 : 200;

std::string name_of(Format from, Format to, int width, int height, const std::string& target) {
  return std::string(format_name(from)) + " to " + format_name(to) + " " + std::to_string(width) + "x" +
         std::to_string(height) + " " + target;
}

int even(int value) { return value + value % 2; }

std::vector<std::string> all_targets() {
  std::vector<std::string> targets = simd_targets();
  targets.emplace_back("");  // what users get
  return targets;
}

bool uses_matrix(Format from, Format to) {
  return is_planar(from) != is_planar(to) || (is_colour(from) && !is_colour(to));
}

// FNV-1a over the rows of a picture, not over what lies between them.
std::uint64_t hashed(std::uint64_t hash, const Picture& picture) {
  picture.each_row([&](const std::uint8_t* bytes, std::size_t count) {
    for (std::size_t at = 0; at < count; ++at) hash = (hash ^ bytes[at]) * 0x100000001B3u;
  });
  return hash;
}

}  // namespace

TEST("every SIMD target equals the plain twin, and nothing is written outside the rows") {
  const std::vector<std::string> targets = all_targets();
  for (const std::string& target : targets)
    std::printf("  compared: %s\n", target.empty() ? "the default" : target.c_str());
  long pictures = 0;
  for (const Format from : all_formats()) {
    for (const Format to : all_formats()) {
      for (int width = 1; width <= kWidest; ++width) {
        for (const int height : {1, 2, 3, 6}) {
          const auto seed = static_cast<unsigned>(width * 7 + height);
          Picture source(from, width, height, static_cast<Strides>(seed % 3));
          source.fill(static_cast<Content>(seed / 3 % 3), seed);
          const std::vector<std::uint8_t> before = source.memory();
          const bool rounded_up = width % 4 == 1;
          const auto strides = static_cast<Strides>(seed % 5 % 3);
          for (const Colorimetry colorimetry : kMatrices) {
            const int to_width = rounded_up ? even(width) : width;
            const int to_height = rounded_up ? even(height) : height;
            Picture twin(to, to_width, to_height, strides);
            convert_frame_plain(source.source(), twin.view(), colorimetry);
            CHECK_SAY(twin.guards_intact(), name_of(from, to, width, height, "plain"));
            for (const std::string& target : targets) {
              use_simd_target(target);
              Picture result(to, to_width, to_height, strides);
              convert_frame(source.source(), result.view(), colorimetry);
              CHECK_SAY(result.memory() == twin.memory(), name_of(from, to, width, height, target));
              ++pictures;
            }
            if (!uses_matrix(from, to)) break;
          }
          CHECK(source.memory() == before);
        }
      }
    }
  }
  use_simd_target("");
  CHECK(pictures > 50000);
}

TEST("two bands of rows give what one gives") {
  const ColourWeights weights = colour_weights({});
  std::vector<Kernel> kernels = simd_kernels();
  kernels.push_back({"plain", &convert_band_plain});
  for (const Format from : all_formats()) {
    for (const Format to : all_formats()) {
      Picture source(from, 150, 13, Strides::padded);
      source.fill(Content::random, 1);
      for (const Kernel& kernel : kernels) {
        Picture whole(to, 150, 13);
        Picture banded(to, 150, 13);
        kernel.convert_band(source.source(), whole.view(), weights, {0, 13});
        kernel.convert_band(source.source(), banded.view(), weights, {6, 13});
        kernel.convert_band(source.source(), banded.view(), weights, {0, 6});
        CHECK_SAY(whole.memory() == banded.memory(), name_of(from, to, 150, 13, kernel.target));
      }
    }
  }
}

TEST("the pixels are the same on every machine") {
  std::uint64_t hash = 0xCBF29CE484222325u;
  for (const Format from : all_formats()) {
    for (const Format to : all_formats()) {
      for (const Colorimetry colorimetry : kMatrices) {
        for (const Content content : {Content::random, Content::extreme, Content::near_extreme}) {
          Picture source(from, 97, 35);
          source.fill(content, 5);
          Picture result(to, 98, 36);
          convert_frame_plain(source.source(), result.view(), colorimetry);
          hash = hashed(hash, result);
        }
      }
    }
  }
  // Of the plain kernel: a change of weights or of rounding changes it, another machine does not.
  CHECK_EQ(hash, std::uint64_t{6983507307109799437u});
}
