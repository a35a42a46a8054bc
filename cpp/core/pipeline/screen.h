// The screen that windows are shown on: whether there is one, and what happens when it goes away.
#pragma once

#include "gst/owned.h"

namespace skyline {

// Throws PipelineError (domain "resource") where neither Wayland nor an X server is there. Asked before an
// autovideosink is opened: it would go on to try terminals and framebuffers, and one of those waits for ever.
void refuse_without_screen();
// The same where there is an autovideosink in `bin`.
void refuse_without_screen_for(GstBin* bin);

// Xlib calls a handler that must not return when its server is gone, and by default ends the process: every other
// output with it. After this, windows that `pipeline` shows later fail with an error on its bus instead. The thread
// that noticed is kept for good, and so is the pipeline it runs in. A server that is lost on the main thread, where
// other toolkits talk to it, ends the process as ever. Before the pipeline has elements.
void survive_lost_screen(GstElement* pipeline);
// The same for what is in it already.
void survive_lost_screen_of(GstBin* bin);

}  // namespace skyline
