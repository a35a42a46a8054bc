#include "output/callback_output.h"

#include <utility>

namespace skyline {
namespace {

constexpr std::int64_t kAskAgain_ns = 1'000'000'000;

}  // namespace

CallbackOutput::CallbackOutput(Settings settings, const OutputContext& context)
    : Output(settings.name, context), settings_(std::move(settings)), queue_(settings_.bounds) {}

void CallbackOutput::consume(const Unit& unit) {
  std::optional<std::int64_t> ask_key_unit;
  std::uint64_t report_dropped = 0;
  bool begins = false;
  {
    std::unique_lock<std::mutex> lock(mutex_);
    if (has_ended_ || is_settled_) return;
    begins = !has_begun_ && unit.is_key;
    if (begins && settings_.origin_ns) origin_ns_ = settings_.origin_ns();
    ask_key_unit = enter(unit, lock);
    const auto now = SteadyClock::now();
    if (unreported_ != 0 && now - reported_ >= std::chrono::seconds(1)) {
      reported_ = now;
      report_dropped = std::exchange(unreported_, 0);
    }
  }
  arrived_.notify_one();
  if (begins) post_event("started", "");
  if (ask_key_unit) fan_out_.request_key_unit();
  if (report_dropped != 0) {
    post_event("dropped", std::to_string(report_dropped) + " units dropped: the callback is too slow", report_dropped);
  }
}

// The time of a unit for which a key unit is to be asked, at most once a second.
std::optional<std::int64_t> CallbackOutput::enter(const Unit& unit, std::unique_lock<std::mutex>& lock) {
  const bool is_awaiting = !unit.is_key && (!has_begun_ || queue_.awaits_key());
  has_begun_ = has_begun_ || unit.is_key;
  if (has_begun_) {
    if (settings_.waits) room_.wait(lock, [this] { return !queue_.is_full() || has_ended_ || is_settled_; });
    ++counters_.units_in;
    std::size_t dropped = settings_.waits ? 0 : queue_.make_room();
    if (is_settled_ || !queue_.push(unit)) {
      ++dropped;
    } else if (unit.is_key) {
      ++counters_.key_units;
    }
    counters_.units_dropped += dropped;
    unreported_ += dropped;
  }
  if (!is_awaiting || (asked_key_ns_ && unit.pts_ns < *asked_key_ns_ + kAskAgain_ns)) return std::nullopt;
  asked_key_ns_ = unit.pts_ns;
  return asked_key_ns_;
}

std::optional<Unit> CallbackOutput::next(const Deadline& deadline, const Interrupt& interrupt) {
  std::unique_lock<std::mutex> lock(mutex_);
  taker_ = std::this_thread::get_id();
  is_taking_ = false;
  while (queue_.empty()) {
    if (settle_locked() || deadline.passed()) return std::nullopt;
    arrived_.wait_until(lock, deadline.slice());
    if (!queue_.empty() || !interrupt) continue;
    lock.unlock();
    interrupt();
    lock.lock();
  }
  is_taking_ = true;
  Unit unit = queue_.pop();
  ++counters_.units_sent;
  counters_.bytes_sent += unit.bytes;
  const std::int64_t now_ns = latency_clock_ns();
  if (unit.put_ns) latency_.record(now_ns - *unit.put_ns, now_ns);
  room_.notify_all();
  return unit;
}

// True once there is nothing to take and never will be.
bool CallbackOutput::settle_locked() {
  if (is_settled_) return true;
  if (!has_ended_ || !queue_.empty() || is_taking_) return false;
  is_settled_ = true;
  settled_changed_.notify_all();
  post_event("finished", "");
  return true;
}

bool CallbackOutput::is_over() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return is_settled_;
}

void CallbackOutput::note_error(const std::string& what) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    ++counters_.callback_errors;
    const auto now = SteadyClock::now();
    if (now - error_reported_ < std::chrono::seconds(1)) return;
    error_reported_ = now;
  }
  post_event("warning", "the callback raised " + what + "; the next units are told all the same");
}

std::int64_t CallbackOutput::origin_ns() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return origin_ns_;
}

void CallbackOutput::end_of_units() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    has_ended_ = true;
    if (!has_begun_) settle_locked();  // nothing came, so nobody need be there to take it
  }
  room_.notify_all();
  arrived_.notify_all();
}

bool CallbackOutput::wait_settled(SteadyClock::time_point until) {
  std::unique_lock<std::mutex> lock(mutex_);
  if (is_taking_ && taker_ == std::this_thread::get_id()) {
    is_taking_ = false;
    counters_.units_dropped += queue_.clear();
    return settle_locked();
  }
  return settled_changed_.wait_until(lock, until, [this] { return is_settled_; });
}

void CallbackOutput::begin_abort() {
  std::unique_lock<std::mutex> lock(mutex_);
  if (!is_settled_) give_up(lock);
}

void CallbackOutput::give_up(std::unique_lock<std::mutex>& lock) {
  const std::size_t dropped = queue_.clear();
  counters_.units_dropped += dropped;
  is_settled_ = true;
  lock.unlock();
  latch_failure(
      bus_error(name_, "resource", GST_RESOURCE_ERROR_BUSY,
                "the callback did not take everything in time; " + std::to_string(dropped) + " units were dropped"));
  room_.notify_all();
  arrived_.notify_all();
  settled_changed_.notify_all();
}

Output::State CallbackOutput::state() const {
  if (failure_->happened()) return State::failed;
  const std::lock_guard<std::mutex> lock(mutex_);
  if (is_settled_) return State::stopped;
  if (has_ended_) return State::finishing;
  return has_begun_ ? State::live : State::connecting;
}

OutputStats CallbackOutput::stats() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  OutputStats stats = counters_;
  stats.units_queued = queue_.size();
  stats.latency = latency_.report(latency_clock_ns());
  return stats;
}

}  // namespace skyline
