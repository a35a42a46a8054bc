// The GStreamer element "skyconvert": videoconvert's place, with this project's kernels inside.
//
// Runs on a streaming thread. Frames go through untouched where both sides already agree, through
// convert_frame where a kernel knows the way, and through GStreamer's own converter, which is what
// videoconvert runs, everywhere else. 4:2:0 of an odd size leaves as I420 or NV12 with the size rounded up
// to even unless downstream's caps name the odd one: encoders accept odd caps and then fail.
#pragma once

namespace skyline {

// Registers the element once per process, after GStreamer was initialised. Any thread.
void register_sky_convert();

}  // namespace skyline
