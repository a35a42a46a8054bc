// By what a sink's remote peer shows that it is there, and that it still takes what it is sent.
//
// What a sink was handed says nothing: kernel buffers take it for many seconds.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "clock/deadline.h"
#include "gst/owned.h"
#include "output/stall_rule.h"
#include "output/tcp_socket.h"

namespace skyline {

class PeerSign {
 public:
  enum class Kind { rtmp, srt_caller, srt_listener, rtsp, tcp, none };

  // Before the sink opens: a socket that is there already is not its own.
  explicit PeerSign(const ElementPtr& sink);

  Kind kind() const { return kind_; }
  const std::string& host() const { return address_.host; }
  std::uint16_t port() const { return address_.port; }
  // It says nothing of its peer before it has a unit.
  bool needs_units() const { return kind_ != Kind::rtmp && kind_ != Kind::srt_caller; }

  std::chrono::milliseconds patience() const { return stall_rule_.patience(); }  // with one that is stalled

  struct Address {  // of the peer, where it is TCP; port 0 otherwise
    std::string host;
    std::uint16_t port = 0;
  };
  struct Reading {
    bool is_connected = false;
    bool is_stalled = false;
    bool has_left = false;  // and the sink only warns of it
    unsigned clients = 0;  // who called, where it listens
  };
  Reading look(SteadyClock::time_point now);

  // Hears the sink's messages, on any thread, also when this is gone. True for the one that tells of the end.
  std::function<bool(GstMessage*)> listener() const;

 private:
  Reading look_at_rtmp(SteadyClock::time_point now);
  Reading look_at_srt(SteadyClock::time_point now);
  bool is_socket_stalled(SteadyClock::time_point now);

  const ElementPtr sink_;
  const Kind kind_;
  const Address address_;
  const TcpSocket::Inodes sockets_before_;
  struct Heard {  // from rtspclientsink, which has no statistics
    std::atomic<bool> records{false};
    std::atomic<bool> has_left{false};
  };
  const std::shared_ptr<Heard> heard_ = std::make_shared<Heard>();
  std::optional<TcpSocket> socket_;
  StallRule stall_rule_;  // after the kind
  std::int64_t acks_ = 0;
  std::int64_t packets_at_ack_ = 0;
};

}  // namespace skyline
