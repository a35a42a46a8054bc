// The control thread's side of a supervised output: it builds, watches, takes down and builds anew, never waiting.
#include <algorithm>
#include <string>
#include <utility>

#include "output/reach.h"
#include "output/supervised_output.h"

namespace skyline {

using std::chrono::milliseconds;

namespace {

constexpr milliseconds kConnectBound{4500};  // libsrt's own is 3 s, a refusal takes milliseconds
constexpr milliseconds kReachBound{1000};
constexpr milliseconds kExplainBound{4000};
constexpr milliseconds kCloseBound{2000};    // a sink that says goodbye to a peer who is gone
constexpr milliseconds kAbortBound{500};
constexpr milliseconds kLookConnecting{50};
constexpr milliseconds kLookLive{250};
constexpr milliseconds kLookLeaving{20};
constexpr milliseconds kLateEnd{300};
// A server may hold a stale connection of ours for a while and refuse a second one of that name.
constexpr int kRefusalsOfAStaleStream = 5;

std::string seconds_text(std::chrono::nanoseconds time) {
  const auto tenths = std::chrono::duration_cast<milliseconds>(time).count() / 100;
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " s";
}

}  // namespace

struct SupervisedOutput::Opening {
  std::optional<BusError> error;
};

void SupervisedOutput::advance() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (!opened_ || settled_) return;
  }
  const auto now = SteadyClock::now();
  if (abort_by_ && phase_ != Phase::over && !(part_ && part_->has_ended())) {
    const std::uint64_t dropped = port_->take_dropped();
    fail(was_live_
             ? bus_error(name_, "resource", GST_RESOURCE_ERROR_BUSY,
                        "the peer did not take everything in time; " + std::to_string(dropped) + " units were dropped")
             : no_answer({sign_ ? sign_->kind() : PeerSign::Kind::none, false, {}}));
  }
  if (phase_ != Phase::over) step(now);
  let_go();
  settle();
  look_again(now);
}

void SupervisedOutput::step(SteadyClock::time_point now) {
  if (phase_ == Phase::explaining) {
    if (errand_->done()) {
      fail(std::move(*opening_->error));
    } else if (now - attempt_began_ > kExplainBound) {
      fail(std::move(*unexplained_));  // a resolver that does not answer
    }
    return;
  }
  // What is away at the end is not waited for; only a first connection may still come.
  if (is_ending() && ((was_live_ && phase_ != Phase::live) || (!is_fed_ && port_->drained()))) return give_up_rest();
  if (phase_ == Phase::waiting) {
    if (now < next_attempt_) return;
    begin_attempt(now);
  }
  if (!part_ || !is_opened(now)) return;
  feed();
  if (!part_) return;
  watch(now);
  if (!part_) return;
  if (part_->failure().happened()) {
    lose(*part_->failure().error(), now);
  } else if (part_->has_ended() || keeps_its_end(now)) {
    part_has_ended(now);
  }
}

// Now and then rtspclientsink does not say that it has ended, all pads of it having had their EOS.
bool SupervisedOutput::keeps_its_end(SteadyClock::time_point now) {
  const bool has_all = sign_->kind() == PeerSign::Kind::rtsp && is_fed_ && is_connected_ && is_ending() &&
                       port_->drained() && part_->source().level() == 0;
  if (!has_all) {
    has_all_since_.reset();
    return false;
  }
  if (!has_all_since_) has_all_since_ = now;
  return now - *has_all_since_ >= kLateEnd;
}

void SupervisedOutput::begin_attempt(SteadyClock::time_point now) {
  phase_ = Phase::connecting;
  attempt_began_ = connecting_since_ = now;
  try {
    part_ = make_part();
  } catch (const std::exception& error) {
    back_off(bus_error(name_, "core", GST_CORE_ERROR_FAILED, error.what()), false, now);
    return;
  }
  // A key unit costs all who watch the same encode: not for each attempt, where the sink can say first that it got
  // through.
  port_->resume(sign_->needs_units());
  if (sign_->needs_units()) fan_out_.request_key_unit();
}

void SupervisedOutput::begin_opening() {
  opening_ = std::make_shared<Opening>();
  const bool is_srt = sign_->kind() == PeerSign::Kind::srt_caller || sign_->kind() == PeerSign::Kind::srt_listener;
  errand_ =
      std::make_unique<Errand>([opening = opening_, part = part_, time = time_, host = is_srt ? sign_->host() : ""] {
    // Asked first, because srtsink (1.26) keeps a descriptor of each attempt at a host that it did not find.
        if (const std::string why = host.empty() ? "" : why_unknown(host); !why.empty()) {
          opening->error = bus_error("srtsink", "resource", GST_RESOURCE_ERROR_NOT_FOUND, why);
          return;
        }
        try {
          part->open(time);
        } catch (const PipelineError& error) {
          opening->error = error.error;
        } catch (const std::exception& error) {
          opening->error = bus_error("pipeline", "core", GST_CORE_ERROR_FAILED, error.what());
        }
      });
}

bool SupervisedOutput::is_opened(SteadyClock::time_point now) {
  if (is_open_) return true;
  if (!opening_) {
    // srtsink tells of a refusal only when it is given data, and how long it took says what it was.
    if (!was_live_ && sign_->kind() == PeerSign::Kind::srt_caller && !port_->wanted_part()) return false;
    attempt_began_ = connecting_since_ = now;
    begin_opening();
    return false;
  }
  if (!errand_->done()) {
    if (now - attempt_began_ > kConnectBound) lose(no_answer({sign_->kind(), false, now - attempt_began_}), now);
    return false;
  }
  errand_.reset();
  if (opening_->error) {
    lose(*opening_->error, now);
    return false;
  }
  is_open_ = true;
  return true;
}

void SupervisedOutput::feed() {
  // Looked at again where the unit was dropped between the look and the adoption.
  while (!is_fed_) {
    const auto start = port_->wanted_part();
    if (!start) return;
    try {
      part_->play(time_, recipe_.own_zero ? start->pts_ns : 0, start->pts_ns);
    } catch (const PipelineError& error) {
      return lose(error.error, SteadyClock::now());
    } catch (const std::exception& error) {
      return lose(bus_error(name_, "core", GST_CORE_ERROR_FAILED, error.what()), SteadyClock::now());
    }
    if (!port_->adopt(part_->source(), *start)) continue;
    is_fed_ = true;
    if (sign_->needs_units()) connecting_since_ = SteadyClock::now();
    const std::lock_guard<std::mutex> lock(mutex_);
    ++parts_begun_;
  }
}

void SupervisedOutput::watch(SteadyClock::time_point now) {
  const PeerSign::Reading reading = sign_->look(now);
  if (reading.clients > clients_) {
    fan_out_.request_key_unit();
    post_event("client_joined", "");
  } else if (reading.clients < clients_) {
    post_event("client_left", "");
  }
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    clients_ = reading.clients;
  }
  if (reading.is_connected && !is_connected_) {
    is_connected_ = true;
    if (port_->asks_for_key_now()) fan_out_.request_key_unit();
  }
  if (phase_ == Phase::connecting && is_connected_ && is_fed_) become_live(now);
  if (part_->failure().happened()) return;  // in its own words
  const bool waits = !is_connected_ && (is_fed_ || !sign_->needs_units());
  if (reading.has_left) {
    lose(has_left({sign_->kind(), true, {}}), now);
  } else if (waits && now - connecting_since_ > kConnectBound) {
    lose(no_answer({sign_->kind(), false, now - attempt_began_}), now);
  } else if (phase_ == Phase::live && reading.is_stalled) {
    lose(taken_no_more({sign_->kind(), true, {}}), now, sign_->patience());
  }
}

void SupervisedOutput::become_live(SteadyClock::time_point now) {
  phase_ = Phase::live;
  live_since_ = now;
  refusals_ = 0;
  if (was_live_) {
    const std::lock_guard<std::mutex> lock(mutex_);
    ++reconnects_;
  }
  set_state(State::live);
  post_event("connected", std::exchange(was_live_, true) ? "again" : "");
  if (const auto dropped = port_->take_dropped(); dropped != 0) {
    post_event("dropped", std::to_string(dropped) + " units dropped while the peer was away", dropped);
  }
}

void SupervisedOutput::part_has_ended(SteadyClock::time_point now) {
  if (port_->release(part_->source())) {
    lose(bus_error(name_, "stream", GST_STREAM_ERROR_FAILED, "the sink ended the stream by itself"), now);
    return;
  }
  if (!lingers_until_) lingers_until_ = now + std::chrono::nanoseconds(recipe_.linger_ns);
  if (now < *lingers_until_ && !abort_by_) return;
  part_leaves();
  if (is_ending()) {
    phase_ = Phase::over;
  } else {
    // The stream has changed, and a peer has to be told from the beginning.
    phase_ = Phase::waiting;
    next_attempt_ = now;
  }
}

void SupervisedOutput::lose(BusError error, SteadyClock::time_point now, std::chrono::nanoseconds silent_for) {
  if (error.element.empty()) error.element = name_;
  const PeerSign::Kind kind = sign_->kind();
  const bool was_unauthorised = is_unauthorised(error);
  // rtspclientsink only says that it could not.
  const bool is_unexplained = kind == PeerSign::Kind::rtsp && error.domain == "resource" && !is_connected_ &&
                              error.code == GST_RESOURCE_ERROR_OPEN_READ_WRITE;
  if (was_live_ || !is_unexplained) error = name_cause(std::move(error), {kind, is_connected_, now - attempt_began_});
  const std::string host = sign_->host();
  const int port = sign_->port();
  part_leaves();
  if (!was_live_ && is_unexplained) {
    port_->hold();
    phase_ = Phase::explaining;
    unexplained_ = error;
    opening_ = std::make_shared<Opening>();
    errand_ = std::make_unique<Errand>([opening = opening_, error, host, port]() mutable {
      const std::string why = why_out_of_reach(host, port, kReachBound);
      if (!why.empty()) error.message = why + ": " + error.message;
      opening->error = name_cause(std::move(error), {PeerSign::Kind::rtsp, false, {}});
    });
  } else if (!was_live_) {
    fail(std::move(error));
  } else if (is_ending()) {
    give_up_rest();
  } else {
    if (error.code == GST_RESOURCE_ERROR_NOT_AUTHORIZED && !was_unauthorised) ++refusals_;
    back_off(error, was_unauthorised || refusals_ > kRefusalsOfAStaleStream,
             phase_ == Phase::live ? now - silent_for : attempt_began_);
  }
}

void SupervisedOutput::back_off(const BusError& error, bool was_unauthorised, SteadyClock::time_point since) {
  const auto now = SteadyClock::now();
  const bool was_live = phase_ == Phase::live;
  const auto delay = back_off_.lost(was_live ? now - live_since_ : std::chrono::nanoseconds(0), was_unauthorised);
  if (!delay) return fail(error);
  port_->hold();
  phase_ = Phase::waiting;
  // From the last sign of life or the last attempt on, so that nobody waits twice.
  next_attempt_ = std::max(now, since + *delay);
  set_state(State::backoff);
  Event event;
  event.kind = "reconnecting";
  event.output = name_;
  event.message = "attempt " + std::to_string(back_off_.attempt()) + " in " + seconds_text(next_attempt_ - now) + ": " +
                  error.element + ": " + error.message;
  event.error = error;
  event.count = static_cast<std::uint64_t>(back_off_.attempt());
  events_->post(std::move(event));
}

void SupervisedOutput::fail(BusError error) {
  part_leaves();
  phase_ = Phase::over;
  latch_failure(std::move(error));
  port_->stop();
}

void SupervisedOutput::give_up_rest() {
  part_leaves();
  phase_ = Phase::over;
  port_->stop();
}

void SupervisedOutput::part_leaves() {
  if (part_) {
    port_->release(part_->source());
    // One that still opens belongs to its errand, and closes when that is done.
    if (!errand_) {
      part_->begin_close();
      leaving_.push_back({part_, Deadline(abort_by_ ? kAbortBound : kCloseBound)});
    }
  }
  part_.reset();
  errand_.reset();
  opening_.reset();
  sign_.reset();
  lingers_until_.reset();
  has_all_since_.reset();
  is_open_ = is_fed_ = is_connected_ = false;
  const std::lock_guard<std::mutex> lock(mutex_);
  clients_ = 0;
}

void SupervisedOutput::let_go() {
  for (auto& leaving : leaving_) {
    if (leaving.part->has_closed() || leaving.by.passed()) leaving.part->close(Deadline(milliseconds(0)));
  }
  leaving_.erase(std::remove_if(leaving_.begin(), leaving_.end(),
                                [](const Leaving& leaving) { return leaving.part->is_closed(); }),
                 leaving_.end());
}

void SupervisedOutput::begin_abort() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (!opened_ || settled_) return;
  }
  if (abort_by_) return;
  abort_by_.emplace(kAbortBound);
  if (part_ && part_->has_ended()) return;  // everything has gone out: it only lingers
  port_->stop();
  for (auto& leaving : leaving_) leaving.by = *abort_by_;
}

void SupervisedOutput::settle() {
  if (phase_ != Phase::over || !leaving_.empty()) return;
  const bool has_failed = failure_->happened();
  if (const auto dropped = port_->take_dropped(); dropped != 0) {
    post_event("dropped", std::to_string(dropped) + " units dropped", dropped);
  }
  if (!has_failed) post_event("finished", "");
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    state_ = has_failed ? State::failed : State::stopped;
    settled_ = true;
  }
  settled_changed_.notify_all();
}

void SupervisedOutput::look_again(SteadyClock::time_point now) {
  if (!leaving_.empty()) look_at(now + kLookLeaving);
  if (lingers_until_) look_at(*lingers_until_);
  switch (phase_) {
    case Phase::waiting:
      look_at(next_attempt_);
      break;
    case Phase::connecting:
      look_at(now + (is_connected_ ? kLookLive : kLookConnecting));
      break;
    case Phase::live:
      look_at(now + kLookLive);
      break;
    case Phase::explaining:
      look_at(now + kLookConnecting);
      break;
    case Phase::over:
      break;
  }
}

}  // namespace skyline
