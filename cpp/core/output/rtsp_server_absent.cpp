// Stands in where gst-rtsp-server was not there to build with.
#include "output/rtsp_server.h"
#include "report/errors.h"

namespace skyline {

bool RtspServer::is_available() { return false; }

std::shared_ptr<RtspServer> RtspServer::create(const RtspSettings& /*settings*/) {
  throw MissingElementError("gst-rtsp-server");
}

std::shared_ptr<RtspServer> RtspServer::shared(const RtspSettings& settings) { return create(settings); }

}  // namespace skyline
