// Owners for the handles of gst-rtsp-server and of GLib that only the RTSP server touches.
#pragma once

#include <gst/rtsp-server/rtsp-server.h>

#include "gst/owned.h"

namespace skyline {

template <typename T>
struct ObjectTraits {
  static T* ref(T* handle) { return static_cast<T*>(g_object_ref(handle)); }
  static void unref(T* handle) noexcept { g_object_unref(handle); }
};

template <>
struct HandleTraits<GstRTSPServer> : ObjectTraits<GstRTSPServer> {};
template <>
struct HandleTraits<GstRTSPMountPoints> : ObjectTraits<GstRTSPMountPoints> {};
template <>
struct HandleTraits<GstRTSPMediaFactory> : ObjectTraits<GstRTSPMediaFactory> {};
template <>
struct HandleTraits<GstRTSPMedia> : ObjectTraits<GstRTSPMedia> {};
template <>
struct HandleTraits<GstRTSPClient> : ObjectTraits<GstRTSPClient> {};
template <>
struct HandleTraits<GstRTSPSessionPool> : ObjectTraits<GstRTSPSessionPool> {};
template <>
struct HandleTraits<GstRTSPThreadPool> : ObjectTraits<GstRTSPThreadPool> {};
template <>
struct HandleTraits<GstRTSPAddressPool> : ObjectTraits<GstRTSPAddressPool> {};
template <>
struct HandleTraits<GstRTSPAuth> : ObjectTraits<GstRTSPAuth> {};
template <>
struct HandleTraits<GTlsCertificate> : ObjectTraits<GTlsCertificate> {};
template <>
struct HandleTraits<GSocket> : ObjectTraits<GSocket> {};
template <>
struct HandleTraits<GInetAddress> : ObjectTraits<GInetAddress> {};
template <>
struct HandleTraits<GSocketAddress> : ObjectTraits<GSocketAddress> {};

template <>
struct HandleTraits<GstRTSPToken> {
  static GstRTSPToken* ref(GstRTSPToken* handle) { return gst_rtsp_token_ref(handle); }
  static void unref(GstRTSPToken* handle) noexcept { gst_rtsp_token_unref(handle); }
};
template <>
struct HandleTraits<GMainContext> {
  static GMainContext* ref(GMainContext* handle) { return g_main_context_ref(handle); }
  static void unref(GMainContext* handle) noexcept { g_main_context_unref(handle); }
};
template <>
struct HandleTraits<GMainLoop> {
  static GMainLoop* ref(GMainLoop* handle) { return g_main_loop_ref(handle); }
  static void unref(GMainLoop* handle) noexcept { g_main_loop_unref(handle); }
};
template <>
struct HandleTraits<GSource> {
  static GSource* ref(GSource* handle) { return g_source_ref(handle); }
  static void unref(GSource* handle) noexcept { g_source_unref(handle); }
};

}  // namespace skyline
