// Does an encoder truly encode? A factory may exist without its hardware, so two frames are run.
#pragma once

#include "clock/deadline.h"
#include "frame/format.h"
#include "pipeline/element_spec.h"

namespace skyline {

// Returns when a unit came out; throws MissingElementError, SinkError, or PipelineError with what went wrong.
void trial_encode(const ChainSpec& chain, Format format, int width, int height, const Deadline& deadline, const Interrupt& interrupt);

}  // namespace skyline
