// Frames of a test's own, as put, lend and acquire take them.
#pragma once

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "array.h"
#include "frame/frame_wrap.h"
#include "lane/frame_intake.h"

// BGR with its number in it, where recording.h reads it: twelve bars of 8 x 32 pixels.
class NumberedFrame {
 public:
  // `noisy`: an encoder makes some kilobytes of it.
  explicit NumberedFrame(int number = 0, int width = 160, int height = 120, bool noisy = false)
      : pixels_({height, width, 3}) {
    std::fill(pixels_.memory.begin(), pixels_.memory.end(), std::uint8_t{128});
    auto seed = static_cast<std::uint32_t>(number + 1);
    for (std::size_t at = noisy ? pixels_.memory.size() / 2 : pixels_.memory.size(); at < pixels_.memory.size(); ++at) {
      seed = seed * 1664525U + 1013904223U;
      pixels_.memory[at] = static_cast<std::uint8_t>(seed >> 24);
    }
    for (int bit = 0; bit < 12 && bit * 8 + 8 <= width; ++bit) {
      for (int row = 0; row < std::min(32, height); ++row) {
        const auto at = pixels_.memory.begin() + row * pixels_.strides[0] + std::ptrdiff_t{bit} * 24;
        std::fill(at, at + 24, (number >> bit & 1) != 0 ? std::uint8_t{230} : std::uint8_t{20});
      }
    }
  }
  skyline::FrameLayout layout() const { return {pixels_.strided(), skyline::Format::BGR, {}}; }
  const std::vector<std::uint8_t>& bytes() const { return pixels_.memory; }

 private:
  Array pixels_;
};

// Keeps a frame alive while it is lent.
template <typename Frame>
struct LentFrame : skyline::Lent {
  explicit LentFrame(std::shared_ptr<Frame> lent) : frame(std::move(lent)) {}
  std::shared_ptr<Frame> frame;
};

inline bool put(skyline::FrameIntake& intake, const NumberedFrame& frame, double timeout_s = 10,
                const skyline::Interrupt& interrupt = {}) {
  return intake.put(frame.layout(), {}, skyline::Deadline::in_seconds(timeout_s), interrupt);
}

inline bool lend(skyline::FrameIntake& intake, const std::shared_ptr<NumberedFrame>& frame, double timeout_s = 10) {
  return intake.lend(frame->layout(), std::make_unique<LentFrame<NumberedFrame>>(frame), {},
                     skyline::Deadline::in_seconds(timeout_s), {});
}

inline bool acquire(skyline::FrameIntake& intake, const NumberedFrame& frame, double timeout_s = 10) {
  const auto slot = intake.acquire();
  std::copy(frame.bytes().begin(), frame.bytes().end(), slot->view().plane[0]);
  return intake.commit(*slot, {}, skyline::Deadline::in_seconds(timeout_s), {});
}
