#include "output/ring_output.h"

#include <optional>
#include <utility>

namespace skyline {

RingOutput::RingOutput(Settings settings, const OutputContext& context)
    : Output(settings.name, context), settings_(std::move(settings)) {}

void RingOutput::consume(const Unit& unit) {
  std::vector<std::weak_ptr<PipelineOutput>> joined;
  bool has_begun = false;
  bool needs_key_unit = false;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    joined.swap(joined_);
    if (!has_ended_ && (unit.is_key || !units_.empty())) {
      has_begun = counters_.units_in == 0;
      ++counters_.units_in;
      if (unit.is_key) ++counters_.key_units;
      bytes_ += unit.bytes;
      units_.push_back(unit);
      needs_key_unit = give_up_old();
    }
  }
  // This unit may have set out before they were on the fan-out. If not, they get it once more and take it once.
  for (const auto& weak : joined) {
    if (const auto output = weak.lock()) output->consume(unit);
  }
  if (has_begun) post_event("started", "");
  if (needs_key_unit) fan_out_.request_key_unit();
}

// How many units the oldest GOP has; 0 where there is no newer one.
std::size_t RingOutput::oldest_gop() const {
  for (std::size_t n = 1; n < units_.size(); ++n) {
    if (units_[n].is_key) return n;
  }
  return 0;
}

// True where nothing is left, so that only a key unit can follow.
bool RingOutput::give_up_old() {
  const std::int64_t newest_ns = units_.back().pts_ns;
  while (true) {
    const bool is_too_much = settings_.most_bytes != 0 && bytes_ > settings_.most_bytes;
    std::size_t count = oldest_gop();
    if (count == 0) {
      if (!is_too_much) return false;
      count = units_.size();  // one GOP alone is more than allowed: without its key unit the rest is of no use
    } else if (!is_too_much && newest_ns - units_[count].pts_ns < settings_.least_ns) {
      return false;
    }
    for (; count > 0; --count) {
      bytes_ -= units_.front().bytes;
      counters_.bytes_sent += is_too_much ? 0 : units_.front().bytes;
      ++(is_too_much ? counters_.units_dropped : counters_.units_sent);
      units_.pop_front();
    }
    if (units_.empty()) return true;
  }
}

void RingOutput::lead(const std::shared_ptr<PipelineOutput>& output) {
  std::optional<std::int64_t> ask_key_unit;
  bool is_empty = false;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    is_empty = units_.empty();
    if (!is_empty) {
      ask_key_unit = output->begin_with(units_);
      joined_.push_back(output);
      // Under the lock: what is on its way when this returns comes by us, what sets out later comes directly.
      fan_out_.join(output);
    }
  }
  if (is_empty) fan_out_.add(output);
  if (ask_key_unit) fan_out_.request_key_unit(*ask_key_unit);
}

GopQueue::Bounds RingOutput::level() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return {units_.size(), bytes_};
}

void RingOutput::end_of_units() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (std::exchange(has_ended_, true)) return;
    counters_.units_sent += units_.size();
    counters_.bytes_sent += bytes_;
    units_.clear();
    bytes_ = 0;
  }
  post_event("finished", "");
}

Output::State RingOutput::state() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (has_ended_) return State::stopped;
  return counters_.units_in == 0 ? State::connecting : State::live;
}

OutputStats RingOutput::stats() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  OutputStats stats = counters_;
  stats.units_queued = units_.size();
  return stats;
}

}  // namespace skyline
