#include "output/peer_sign.h"

#include <cstring>
#include <string>

#include "gst/value.h"

namespace skyline {
namespace {

// TCP's own is minutes, and a way that is jammed for a moment costs no rebuilding. An SRT receiver acknowledges every
// 10 ms, and has forgotten us when it was started again meanwhile: libsrt would notice after five seconds.
constexpr std::chrono::milliseconds kTcpPatience{3000};
constexpr std::chrono::milliseconds kSrtPatience{1000};

struct StructureFree {
  void operator()(GstStructure* structure) const noexcept { gst_structure_free(structure); }
};
using StructurePtr = std::unique_ptr<GstStructure, StructureFree>;

std::string factory_of(GstElement* sink) {
  GstElementFactory* factory = gst_element_get_factory(sink);
  return factory != nullptr ? GST_OBJECT_NAME(factory) : "";
}

std::string text_property(GstElement* sink, const char* name) {
  gchar* text = nullptr;
  g_object_get(sink, name, &text, nullptr);
  return take_string(text);
}

bool listens(GstElement* srt_sink) {
  Value mode(g_object_class_find_property(G_OBJECT_GET_CLASS(srt_sink), "mode")->value_type);
  g_object_get_property(G_OBJECT(srt_sink), "mode", mode.get());
  const GEnumValue* value =
      g_enum_get_value(G_ENUM_CLASS(g_type_class_peek(G_VALUE_TYPE(mode.get()))), g_value_get_enum(mode.get()));
  return value != nullptr && std::strcmp(value->value_nick, "listener") == 0;
}

PeerSign::Kind kind_of(GstElement* sink) {
  const std::string factory = factory_of(sink);
  if (factory == "rtmp2sink") return PeerSign::Kind::rtmp;
  if (factory == "srtsink") return listens(sink) ? PeerSign::Kind::srt_listener : PeerSign::Kind::srt_caller;
  if (factory == "rtspclientsink") return PeerSign::Kind::rtsp;
  if (factory == "tcpclientsink") return PeerSign::Kind::tcp;
  return PeerSign::Kind::none;
}

PeerSign::Address address_of(GstElement* sink, PeerSign::Kind kind) {
  if (kind == PeerSign::Kind::rtmp || kind == PeerSign::Kind::tcp) {
    gint port = 0;
    g_object_get(sink, "port", &port, nullptr);
    return {text_property(sink, "host"), static_cast<std::uint16_t>(port)};
  }
  const bool is_srt = kind == PeerSign::Kind::srt_caller || kind == PeerSign::Kind::srt_listener;
  if (kind != PeerSign::Kind::rtsp && !is_srt) return {};
  const std::string location = text_property(sink, is_srt ? "uri" : "location");
  const std::unique_ptr<GstUri, decltype(&gst_uri_unref)> uri(gst_uri_from_string(location.c_str()), &gst_uri_unref);
  if (!uri || gst_uri_get_host(uri.get()) == nullptr) return {};
  if (is_srt) return {gst_uri_get_host(uri.get()), 0};  // no TCP socket is looked for
  guint port = gst_uri_get_port(uri.get());
  if (port == GST_URI_NO_PORT) port = location.compare(0, 6, "rtsps:") == 0 ? 322 : 554;
  return {gst_uri_get_host(uri.get()), static_cast<std::uint16_t>(port)};
}

StructurePtr stats_of(GstElement* sink) {
  GstStructure* stats = nullptr;
  g_object_get(sink, "stats", &stats, nullptr);
  return StructurePtr(stats);
}

}  // namespace

PeerSign::PeerSign(const ElementPtr& sink)
    : sink_(sink),
      kind_(kind_of(sink.get())),
      address_(address_of(sink.get(), kind_)),
      sockets_before_(address_.port != 0 ? TcpSocket::all() : TcpSocket::Inodes()),
      stall_rule_(kind_ == Kind::srt_caller ? kSrtPatience : kTcpPatience) {}

std::function<bool(GstMessage*)> PeerSign::listener() const {
  if (kind_ != Kind::rtsp) return [](GstMessage*) { return false; };
  return [heard = heard_](GstMessage* message) {
    if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_WARNING) {
      GError* raw_error = nullptr;
      gst_message_parse_warning(message, &raw_error, nullptr);
      const GErrorPtr error(raw_error);
      if (!error || !g_error_matches(error.get(), GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_READ)) return false;
      heard->has_left.store(true);
      return true;
    }
    gchar* code = nullptr;
    gchar* text = nullptr;
    gst_message_parse_progress(message, nullptr, &code, &text);
    // By now the server has taken the description and the transport.
    const std::string step = take_string(code);
    if (take_string(text) == "Starting recording" && step == "record") heard->records.store(true);
    return false;
  };
}

PeerSign::Reading PeerSign::look(SteadyClock::time_point now) {
  switch (kind_) {
    case Kind::rtmp:
      return look_at_rtmp(now);
    case Kind::srt_caller:
    case Kind::srt_listener:
      return look_at_srt(now);
    case Kind::rtsp: {
      const bool records = heard_->records.load();
      return {records, records && is_socket_stalled(now), heard_->has_left.load(), 0};
    }
    case Kind::tcp: {
      const bool is_stalled = is_socket_stalled(now);
      return {socket_.has_value(), is_stalled, false, 0};
    }
    case Kind::none:
      break;
  }
  return {true, false, false, 0};
}

PeerSign::Reading PeerSign::look_at_rtmp(SteadyClock::time_point now) {
  const StructurePtr stats = stats_of(sink_.get());
  guint64 bytes_in = 0;  // 0 until the server has agreed to the stream
  if (!stats || gst_structure_get_uint64(stats.get(), "in-bytes-total", &bytes_in) == 0 || bytes_in == 0) return {};
  return {true, is_socket_stalled(now), false, 0};
}

PeerSign::Reading PeerSign::look_at_srt(SteadyClock::time_point now) {
  const StructurePtr stats = stats_of(sink_.get());
  if (kind_ == Kind::srt_listener) {
    // Nobody there is no fault of a listener, and one that stops is dropped by libsrt.
    const GValue* callers = stats ? gst_structure_get_value(stats.get(), "callers") : nullptr;
    if (callers == nullptr || std::strcmp(G_VALUE_TYPE_NAME(callers), "GValueArray") != 0)
      return {true, false, false, 0};
    return {true, false, false, static_cast<const GValueArray*>(g_value_get_boxed(callers))->n_values};
  }
  gint acks = 0;
  gint64 packets = 0;
  // Not in the statistics of a socket that is not connected.
  if (!stats || gst_structure_get_int64(stats.get(), "packets-sent", &packets) == 0) return {};
  gst_structure_get_int(stats.get(), "packet-ack-received", &acks);
  if (acks != acks_) packets_at_ack_ = packets;
  acks_ = acks;
  const auto waiting = static_cast<std::uint64_t>(packets - packets_at_ack_);
  return {true, stall_rule_.is_stalled(waiting, static_cast<std::uint64_t>(acks), now), false, 0};
}

bool PeerSign::is_socket_stalled(SteadyClock::time_point now) {
  if (!socket_) socket_ = TcpSocket::connected_to(address_.port, sockets_before_);
  if (!socket_) return false;
  const auto progress = socket_->progress();
  return progress && stall_rule_.is_stalled(progress->bytes_waiting, progress->bytes_acknowledged, now);
}

}  // namespace skyline
