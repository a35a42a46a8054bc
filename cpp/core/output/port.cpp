#include "output/port.h"

#include <algorithm>
#include <utility>

namespace skyline {
namespace {

bool same_caps(const CapsPtr& a, const CapsPtr& b) {
  if (a.get() == b.get()) return true;  // the usual case: one caps object for the life of the lane
  return a && b && gst_caps_is_equal(a.get(), b.get()) != 0;
}

}  // namespace

Port::Port(const Recipe& recipe)
    : waits_(recipe.waits),
      queue_(recipe.bounds),
      plan_(recipe.parts ? recipe.part_ns : 0, recipe.parts ? recipe.part_bytes : 0) {}

Port::Answer Port::offer(const Unit& unit) {
  Answer answer;
  bool wanted = false;
  {
    std::unique_lock<std::mutex> lock(mutex_);
    if (ended_) return answer;  // on its way when the output was taken off
    if (unit.number != 0 && unit.number <= last_number_) return answer;
    last_number_ = unit.number;
    if (!begun_ && !unit.is_key) {
      ask_for_key(unit.pts_ns, answer);
      return answer;
    }
    begun_ = true;
    if (waits_) {
      ++waiting_;
      room_.wait(lock, [this] { return !queue_.is_full() || stopped_ || ended_; });
      --waiting_;
    }
    ++stats_.units_in;
    if (stopped_ || held_ || !enter(unit, answer)) drop(1);
    feed_locked();
    wanted = notices_part_wanted();
    if (unreported_ != 0 && !stopped_ && reports_) {
      const auto now = SteadyClock::now();
      if (now - reported_ >= std::chrono::seconds(1)) {
        reported_ = now;
        answer.report_dropped = std::exchange(unreported_, 0);
      }
    }
  }
  if (wanted && part_wanted_) part_wanted_();
  return answer;
}

Port::Answer Port::begin_with(const std::deque<Unit>& units) {
  Answer answer;
  bool wanted = false;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (ended_) return answer;
    begun_ = true;
    for (Unit unit : units) {
      unit.put_ns.reset();  // it waited because it was told to: that is no latency
      last_number_ = unit.number;
      ++stats_.units_in;
      if (stopped_ || !enter(unit, answer)) drop(1);
    }
    feed_locked();
    wanted = notices_part_wanted();
  }
  if (wanted && part_wanted_) part_wanted_();
  return answer;
}

bool Port::enter(const Unit& unit, Answer& answer) {
  const bool caps_changed = caps_in_ && !same_caps(caps_in_, unit.caps);
  // A decoder of the new caps can only begin at a key unit.
  if (caps_changed && !unit.is_key) queue_.await_key();
  // A unit that waited for room and was let go by end() may exceed the bound by one.
  if (!waits_ && queue_.is_full()) drop_oldest();
  if (!queue_.push(unit)) {
    ask_for_key(unit.pts_ns, answer);
    return false;
  }
  asked_key_ns_.reset();
  caps_in_ = unit.caps;
  if (unit.is_key) ++stats_.key_units;
  if (plan_.take(unit.pts_ns, unit.bytes, unit.is_key, caps_changed)) cuts_.push_back(popped_ + queue_.size() - 1);
  if (plan_.key_unit_wanted()) answer.ask_key_unit = plan_.key_unit_wanted();
  return true;
}

void Port::ask_for_key(std::int64_t pts_ns, Answer& answer) {
  if (!asks_for_key_) return;
  // At the start the fan-out has asked already, when it took us on.
  if (!asked_key_ns_ && !begun_) asked_key_ns_ = pts_ns;
  if (asked_key_ns_ && pts_ns < *asked_key_ns_ + kAskAgain_ns) return;
  asked_key_ns_ = pts_ns;
  answer.ask_key_unit = -1;
}

void Port::drop(std::uint64_t units) {
  stats_.units_dropped += units;
  unreported_ += units;
}

void Port::drop_oldest() {
  const std::size_t dropped = queue_.make_room();
  popped_ += dropped;
  drop(dropped);
}

void Port::feed() {
  bool wanted = false;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    feed_locked();
    wanted = notices_part_wanted();
  }
  if (wanted && part_wanted_) part_wanted_();
}

void Port::feed_locked() {
  bool popped = false;
  while (source_ != nullptr && !queue_.empty()) {
    if (cut_is_due()) {
      std::exchange(source_, nullptr)->end_of_stream();
      break;
    }
    if (!source_->wants_data()) break;
    const Unit unit = queue_.pop();
    ++popped_;
    popped = true;
    // Of our own, because what is downstream may write times and flags; the memory stays shared.
    BufferPtr own = BufferPtr::adopt(gst_buffer_copy(unit.buffer.get()));
    source_->set_caps(unit.caps.get());
    if (source_->push(std::move(own))) {
      note_sent(unit);
    } else {
      drop(1);
    }
  }
  if (popped) room_.notify_all();
  if (ended_ && waiting_ == 0 && queue_.empty() && source_ != nullptr) std::exchange(source_, nullptr)->end_of_stream();
}

void Port::note_sent(const Unit& unit) {
  ++stats_.units_sent;
  stats_.bytes_sent += unit.bytes;
  const std::int64_t now_ns = latency_clock_ns();
  if (unit.put_ns) latency_.record(now_ns - *unit.put_ns, now_ns);
  caps_out_ = unit.caps;
  if (unit.pts_ns <= sent_pts_ns_) return;  // a B-frame
  const std::int64_t before_ns = std::exchange(sent_pts_ns_, unit.pts_ns);
  if (before_ns >= 0) distance_before_ns_ = std::exchange(distance_ns_, unit.pts_ns - before_ns);
}

std::int64_t Port::sent_until_ns() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  // Of two distances the shorter: after a pause the last one is the pause.
  return sent_pts_ns_ + std::min(distance_ns_, distance_before_ns_);
}

bool Port::notices_part_wanted() {
  if (source_ != nullptr || queue_.empty()) return false;
  return !std::exchange(part_noticed_, true);
}

void Port::end() {
  bool wanted = false;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    ended_ = true;
    feed_locked();
    wanted = notices_part_wanted();
  }
  room_.notify_all();
  if (wanted && part_wanted_) part_wanted_();
}

void Port::stop() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    stopped_ = true;
    const std::size_t dropped = queue_.clear();
    popped_ += dropped;
    drop(dropped);
    if (source_ != nullptr) std::exchange(source_, nullptr)->end_of_stream();
  }
  room_.notify_all();
}

void Port::hold() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    held_ = true;
    reports_ = false;
    source_ = nullptr;
    part_noticed_ = false;
    const std::size_t dropped = queue_.clear();
    popped_ += dropped;
    drop(dropped);
    cuts_.clear();
  }
  room_.notify_all();
}

void Port::resume(bool asks_for_key) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (!held_) return;
  held_ = false;
  asks_for_key_ = asks_for_key;
  asked_key_ns_.reset();
  queue_.await_key();
}

bool Port::asks_for_key_now() {
  const std::lock_guard<std::mutex> lock(mutex_);
  return !std::exchange(asks_for_key_, true) && queue_.awaits_key();
}

std::optional<Port::PartStart> Port::wanted_part() {
  const std::int64_t ended_ns = sent_until_ns();
  const std::lock_guard<std::mutex> lock(mutex_);
  if (source_ != nullptr || queue_.empty()) {
    part_noticed_ = false;
    return std::nullopt;
  }
  const Unit& front = queue_.front();
  return PartStart{popped_, front.pts_ns, front.caps, caps_out_, ended_ns};
}

bool Port::adopt(AppSource& source, const PartStart& start) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (queue_.empty() || popped_ != start.unit) return false;
    while (cut_is_due()) cuts_.pop_front();
    source_ = &source;
    part_noticed_ = false;
  }
  feed();
  return true;
}

bool Port::release(const AppSource& source) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (source_ != &source) return false;
  source_ = nullptr;
  return true;
}

bool Port::drained() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  // A unit that waits belongs to what is written, unless it can only be dropped.
  const bool is_over = stopped_ || (ended_ && waiting_ == 0);
  return is_over && queue_.empty() && source_ == nullptr;
}

OutputStats Port::stats() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  OutputStats stats = stats_;
  stats.units_queued = queue_.size();
  stats.latency = latency_.report(latency_clock_ns());
  return stats;
}

std::uint64_t Port::take_dropped() {
  const std::lock_guard<std::mutex> lock(mutex_);
  reports_ = true;
  return std::exchange(unreported_, 0);
}

}  // namespace skyline
