// What is looked at in every request of an RTSP client, whatever it asks for.
#pragma once

#include "output/rtsp_handles.h"

namespace skyline {

// OK, or what the client is told. Media goes to the address that asked for it and to no other.
GstRTSPStatusCode refusal_of(GstRTSPClient* client, const GstRTSPContext* context);

// Lets a player on this machine bind the ports of the group, which the library has bound for itself alone.
void share_multicast_ports(GstRTSPStream* stream);

}  // namespace skyline
