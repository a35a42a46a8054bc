#include "output/rtsp_requests.h"

#include <sys/socket.h>

#include <algorithm>
#include <string>

namespace skyline {
namespace {

// The value of "name=" in a Transport header; "" where it has none.
std::string parameter(const std::string& header, const std::string& name) {
  for (std::size_t begin = 0; begin <= header.size();) {
    const std::size_t end = std::min(header.find_first_of(";,", begin), header.size());
    std::size_t first = begin;
    while (first < end && header[first] == ' ') ++first;
    if (g_ascii_strncasecmp(header.c_str() + first, (name + "=").c_str(), name.size() + 1) == 0) {
      return header.substr(first + name.size() + 1, end - first - name.size() - 1);
    }
    begin = end + 1;
  }
  return "";
}

bool is_multicast(const std::string& address) {
  const auto parsed = Owned<GInetAddress>::adopt(g_inet_address_new_from_string(address.c_str()));
  return parsed && g_inet_address_get_is_multicast(parsed.get()) != 0;
}

}  // namespace

GstRTSPStatusCode refusal_of(GstRTSPClient* client, const GstRTSPContext* context) {
  if (context->request == nullptr) return GST_RTSP_STS_BAD_REQUEST;
  gchar* transport = nullptr;
  for (gint n = 0; gst_rtsp_message_get_header(context->request, GST_RTSP_HDR_TRANSPORT, &transport, n) == GST_RTSP_OK;
       ++n) {
    const std::string header = transport;
    const std::string destination = parameter(header, "destination");
    if (destination.empty() || is_multicast(destination)) continue;
    const char* from = gst_rtsp_connection_get_ip(gst_rtsp_client_get_connection(client));
    if (from == nullptr || destination != from) return GST_RTSP_STS_FORBIDDEN;
  }
  return GST_RTSP_STS_OK;
}

void share_multicast_ports(GstRTSPStream* stream) {
  for (const GSocketFamily family : {G_SOCKET_FAMILY_IPV4, G_SOCKET_FAMILY_IPV6}) {
    for (GSocket* socket : {gst_rtsp_stream_get_rtp_multicast_socket(stream, family),
                            gst_rtsp_stream_get_rtcp_multicast_socket(stream, family)}) {
      const auto owner = Owned<GSocket>::adopt(socket);
      // Linux asks those who are bound whether they share, at the time of the next bind.
      if (owner) g_socket_set_option(owner.get(), SOL_SOCKET, SO_REUSEADDR, 1, nullptr);
    }
  }
}

}  // namespace skyline
