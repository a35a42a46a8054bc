// What a sink says when it gets no connection, in words that name the cause. Pure.
#pragma once

#include <chrono>

#include "output/peer_sign.h"
#include "report/errors.h"

namespace skyline {

// What is known of an attempt besides the words.
struct Attempt {
  PeerSign::Kind kind = PeerSign::Kind::none;
  bool was_connected = false;
  std::chrono::nanoseconds lasted{0};
};

// The error with the cause before its words, and a code that says it too. Nothing is added where the cause is unknown.
BusError name_cause(BusError error, const Attempt& attempt);

// The same for a sink that wanted to listen and could not.
BusError name_taken_port(BusError error);

BusError no_answer(const Attempt& attempt);  // nothing was heard in time
BusError has_left(const Attempt& attempt);     // the peer closed the connection
BusError taken_no_more(const Attempt& attempt);  // the peer stalled

// The peer looked at who we are, and refused.
bool is_unauthorised(const BusError& error);

}  // namespace skyline
