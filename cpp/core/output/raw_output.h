// An output of frames: opened with a look at what its sink needs of this machine.
#pragma once

#include <memory>

#include "output/output.h"
#include "output/recipe.h"

namespace skyline {

// Some elements take another way, or wait for ever, where what they need is missing. So it is looked at first, and
// said: that there is no screen, where autovideosink would try terminals and framebuffers instead; that somebody
// serves a socket for shared memory, where shmsink would take another name. A dead socket is removed.
// Throws PipelineError, with the recipe's hint, MissingElementError, SinkError.
std::shared_ptr<Output> open_raw_output(const Recipe& recipe, const OutputContext& context);

}  // namespace skyline
