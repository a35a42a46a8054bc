// "not-negotiated" in words: who gives what, and who wants something else.
#pragma once

#include <string>

#include "gst/owned.h"

namespace skyline {

// Follows the pads from `source` downstream to the first that refuses the caps it is given:
// "h264parse gives width=14, mp4mux wants width=[ 16, 2147483647 ]". Empty where no pad does. Called where
// the error is posted, on the streaming thread.
std::string caps_quarrel(GstElement* source);

}  // namespace skyline
