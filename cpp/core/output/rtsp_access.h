// Who may come in to an RTSP server, and from which addresses it speaks.
#pragma once

#include "output/rtsp_handles.h"
#include "output/rtsp_server.h"

namespace skyline {

constexpr const char* kRtspRole = "watcher";  // of whom a mount lets in

// Digest users and the certificate; empty where everybody may come in, in clear. Throws SinkError.
Owned<GstRTSPAuth> rtsp_access(const RtspSettings& settings);

// Of UDP: unicast from the server's own address, so that a server of 127.0.0.1 is nowhere else to be found.
Owned<GstRTSPAddressPool> rtsp_addresses(const RtspSettings& settings);

}  // namespace skyline
