// Which requests of an RTSP client are refused, whatever they ask for.
#pragma once

#include "output/rtsp_handles.h"

namespace skyline {

// OK, or what the client is told. Media goes to the address that asked for it and to no other.
GstRTSPStatusCode refusal_of(GstRTSPClient* client, const GstRTSPContext* context);

}  // namespace skyline
