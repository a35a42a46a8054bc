#include "output/peer_words.h"

#include <gst/gst.h>

#include <initializer_list>
#include <string>
#include <utility>

namespace skyline {
namespace {

// libsrt gives up after three seconds without an answer; a refusal comes at once.
constexpr std::chrono::milliseconds kSoonerThanNoAnswer{2500};

bool has_any(const std::string& text, std::initializer_list<const char*> words) {
  for (const char* word : words) {
    if (text.find(word) != std::string::npos) return true;
  }
  return false;
}

BusError caused(BusError error, int code, const std::string& cause) {
  error.domain = "resource";
  error.code = code;
  error.message = cause + " (" + error.message + ")";
  return error;
}

const char* sink_of(PeerSign::Kind kind) {
  switch (kind) {
    case PeerSign::Kind::rtmp:
      return "rtmp2sink";
    case PeerSign::Kind::srt_caller:
    case PeerSign::Kind::srt_listener:
      return "srtsink";
    case PeerSign::Kind::rtsp:
      return "rtspclientsink";
    case PeerSign::Kind::tcp:
      return "tcpclientsink";
    case PeerSign::Kind::none:
      break;
  }
  return "sink";
}

BusError said_by(PeerSign::Kind kind, int code, const char* words) {
  return bus_error(sink_of(kind), "resource", code, words);
}

}  // namespace

BusError name_cause(BusError error, const Attempt& attempt) {
  const std::string said = error.message + " " + error.debug;
  if (has_any(said, {"Error resolving", "Failed to resolve", "Name or service not known",
                     "No address associated with hostname", "Temporary failure in name resolution"}))
    return caused(std::move(error), GST_RESOURCE_ERROR_NOT_FOUND, "the host is unknown");
  if (has_any(said, {"Connection refused", "refuses the connection"}))
    return caused(std::move(error), GST_RESOURCE_ERROR_OPEN_WRITE,
                  "the connection was refused: nobody listens at this port");
  if (has_any(said, {"'publish' cmd failed", "NetStream.Publish.BadName"}) && attempt.kind == PeerSign::Kind::rtmp)
    return caused(std::move(error), GST_RESOURCE_ERROR_NOT_AUTHORIZED,
                  "the server refuses the stream: a wrong stream key, or one in use");
  if (has_any(said, {"'connect' cmd failed"}) && attempt.kind == PeerSign::Kind::rtmp)
    return caused(std::move(error), GST_RESOURCE_ERROR_NOT_FOUND,
                  "the server refuses the application: a wrong name in the URI");
  if (attempt.kind == PeerSign::Kind::srt_caller && !attempt.was_connected) {
    const bool was_rejected =
        is_unauthorised(error) ||
        (attempt.lasted < kSoonerThanNoAnswer &&
         has_any(said, {"does not exist", "broken or closed", "was broken", "rejected", "Error on SRT socket"}));
    if (was_rejected)
      return caused(std::move(error), GST_RESOURCE_ERROR_NOT_AUTHORIZED,
                    "the peer refuses us: a wrong passphrase or stream id");
    return caused(std::move(error), GST_RESOURCE_ERROR_OPEN_WRITE,
                  "the peer does not answer: nobody listens at this port");
  }
  if (is_unauthorised(error))
    return caused(std::move(error), GST_RESOURCE_ERROR_NOT_AUTHORIZED,
                  "the server refuses the user name or the password");
  if (attempt.kind == PeerSign::Kind::rtsp && error.domain == "resource" && error.code == GST_RESOURCE_ERROR_NOT_FOUND)
    return caused(std::move(error), GST_RESOURCE_ERROR_NOT_FOUND, "the server has no such path");
  if (attempt.was_connected && error.message.compare(0, 9, "Could not ", 9) == 0)
    return caused(std::move(error), GST_RESOURCE_ERROR_WRITE, "the connection was lost");
  if (attempt.kind == PeerSign::Kind::rtsp && error.code == GST_RESOURCE_ERROR_OPEN_READ_WRITE)
    return caused(std::move(error), GST_RESOURCE_ERROR_OPEN_WRITE, "the server cannot be reached");
  return error;
}

BusError name_taken_port(BusError error) {
  static const std::string words = "Cannot bind to ";  // libsrt's reason is the same for everything
  const std::size_t at = error.debug.find(words);
  if (at == std::string::npos) return error;
  const std::size_t begin = at + words.size();
  const std::string address = error.debug.substr(begin, error.debug.find(' ', begin) - begin);
  return caused(std::move(error), GST_RESOURCE_ERROR_BUSY,
                "cannot listen at " + address + ": the port is in use, or the address is not of this machine");
}

BusError no_answer(const Attempt& attempt) {
  return said_by(attempt.kind, GST_RESOURCE_ERROR_OPEN_WRITE, "the peer does not answer");
}

BusError has_left(const Attempt& attempt) {
  return said_by(attempt.kind, GST_RESOURCE_ERROR_WRITE, "the peer closed the connection");
}

BusError taken_no_more(const Attempt& attempt) {
  return said_by(attempt.kind, GST_RESOURCE_ERROR_WRITE,
                 "the peer takes no more data: it is stuck, or the way to it is");
}

bool is_unauthorised(const BusError& error) {
  if (error.domain == "resource" && error.code == GST_RESOURCE_ERROR_NOT_AUTHORIZED) return true;
  return has_any(error.message + " " + error.debug,
                 {"Unauthorized", "Failed to authenticate", "authentication failed"});
}

}  // namespace skyline
