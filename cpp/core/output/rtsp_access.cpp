#include "output/rtsp_access.h"

#include "report/errors.h"

namespace skyline {
namespace {

constexpr guint16 kFirstUnicastPort = 20'000;
constexpr guint16 kLastUnicastPort = 60'999;
constexpr guint16 kFirstMulticastPort = 15'000;
constexpr guint16 kLastMulticastPort = 15'999;
constexpr guint8 kTimeToLive = 1;  // the groups stay in the local network

Owned<GTlsCertificate> certificate_of(const RtspSettings& settings) {
  if (g_tls_backend_supports_tls(g_tls_backend_get_default()) == 0) {
    throw SinkError("this machine's GLib speaks no TLS: sudo apt install glib-networking");
  }
  GError* raw_error = nullptr;
  auto certificate = Owned<GTlsCertificate>::adopt(
      g_tls_certificate_new_from_files(settings.certificate_file.c_str(), settings.key_file.c_str(), &raw_error));
  const GErrorPtr error(raw_error);
  if (!certificate) {
    throw SinkError("tls: no certificate and key in " + settings.certificate_file + " and " + settings.key_file +
                    " (PEM): " + (error ? error->message : "no reason given"));
  }
  return certificate;
}

}  // namespace

Owned<GstRTSPAuth> rtsp_access(const RtspSettings& settings) {
  if (settings.users.empty() && settings.certificate_file.empty()) return {};
  auto auth = Owned<GstRTSPAuth>::adopt(gst_rtsp_auth_new());
  gst_rtsp_auth_set_supported_methods(auth.get(), GST_RTSP_AUTH_DIGEST);
  gst_rtsp_auth_set_realm(auth.get(), "skyline");
  const auto token = Owned<GstRTSPToken>::adopt(
      gst_rtsp_token_new(GST_RTSP_TOKEN_MEDIA_FACTORY_ROLE, G_TYPE_STRING, kRtspRole, nullptr));
  for (const auto& [name, password] : settings.users)
    gst_rtsp_auth_add_digest(auth.get(), name.c_str(), password.c_str(), token.get());
  if (settings.users.empty()) gst_rtsp_auth_set_default_token(auth.get(), token.get());
  if (!settings.certificate_file.empty()) gst_rtsp_auth_set_tls_certificate(auth.get(), certificate_of(settings).get());
  return auth;
}

Owned<GstRTSPAddressPool> rtsp_addresses(const RtspSettings& settings) {
  auto pool = Owned<GstRTSPAddressPool>::adopt(gst_rtsp_address_pool_new());
  const char* address = settings.address.c_str();
  const auto parsed = Owned<GInetAddress>::adopt(g_inet_address_new_from_string(address));
  if (parsed && g_inet_address_get_is_any(parsed.get()) == 0) {
    gst_rtsp_address_pool_add_range(pool.get(), address, address, kFirstUnicastPort, kLastUnicastPort, 0);
  }
  const char* group = settings.multicast_address.c_str();
  if (gst_rtsp_address_pool_add_range(pool.get(), group, group, kFirstMulticastPort, kLastMulticastPort, kTimeToLive) ==
      0) {
    throw SinkError("multicast address \"" + settings.multicast_address + "\" is none; one is e.g. 239.255.42.1");
  }
  return pool;
}

}  // namespace skyline
