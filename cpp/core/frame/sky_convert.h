// The GStreamer element "skyconvert": convert_frame as a GstVideoFilter.
//
// Runs on a streaming thread for frames that were lent or acquired; passes frames through
// untouched where both sides already agree. 4:2:0 of an odd size leaves with the size rounded up to
// even unless downstream's caps name the odd one: encoders accept odd caps and then fail.
#pragma once

namespace skyline {

// Registers the element once per process, after GStreamer was initialised. Any thread.
void register_sky_convert();

}  // namespace skyline
