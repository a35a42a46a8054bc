// What happens when the screen goes away while a window is shown on it.
//
// Xlib then calls a handler that must not return, and ends the whole process by default: every other output with it.
#pragma once

#include "gst/owned.h"

namespace skyline {

// Windows that `pipeline` shows now or later fail with an error on its bus when their X server goes away, and the
// process goes on. The thread that noticed is kept for good, and so is the pipeline it runs in. A server that is lost
// on the main thread, where other toolkits talk to it, ends the process as ever. Before the pipeline has elements.
void survive_lost_screen(GstElement* pipeline);
// The same for what is in it already.
void survive_lost_screen_of(GstBin* bin);

}  // namespace skyline
