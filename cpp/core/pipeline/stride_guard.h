// Frames whose rows are not where the caps say, made plain for elements that ignore GstVideoMeta.
//
// Such an element would read sheared pixels and say nothing. Asked once per caps, on the streaming
// thread, by the allocation query every element answers.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>

#include "gst/owned.h"

namespace skyline {

class StrideGuard {
 public:
  StrideGuard() = default;
  ~StrideGuard();
  StrideGuard(const StrideGuard&) = delete;
  StrideGuard& operator=(const StrideGuard&) = delete;

  // Watches the buffers that leave `pad` for as long as this lives; once. `on_pass` runs for each of
  // them on the streaming thread.
  void watch(GstPad* pad, std::function<void()> on_pass);
  std::uint64_t copied_frames() const noexcept { return copied_.load(); }

 private:
  GstPadProbeReturn inspect(GstPadProbeInfo* info);
  bool downstream_reads_meta(GstCaps* caps);

  PadPtr pad_;
  std::function<void()> on_pass_;
  gulong probe_ = 0;
  CapsPtr asked_caps_;          // streaming thread only
  bool reads_meta_ = false;     // streaming thread only
  std::atomic<std::uint64_t> copied_{0};
};

}  // namespace skyline
