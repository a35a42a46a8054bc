// Silent sound beside the pictures of one part: some platforms take no stream without.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "gst/owned.h"
#include "pipeline/element_spec.h"

namespace skyline {

class Silence {
 public:
  // Adds the chain, which begins with a source that a clocksync follows, to `bin`, links its end to the element named
  // "mux", and lets it end with `pictures`, a pad that EOS goes through: the muxer waits for all its streams.
  // Throws MissingElementError or SinkError.
  Silence(GstBin* bin, const ChainSpec& chain, GstPad* pictures);

  // Before PLAYING: the running time of the first sample. From 0 it would first have to catch up with
  // the clock, and everything that the muxer made of it would come before the first picture. Until then
  // the source does not start.
  void begin_at(std::int64_t running_ns);

 private:
  ElementPtr source_;
};

}  // namespace skyline
