#include "lane/fan_out.h"

#include <algorithm>
#include <utility>

namespace skyline {

void FanOut::set_key_unit_request(KeyUnitRequest request) {
  const std::lock_guard<std::mutex> lock(mutex_);
  request_ = std::move(request);
}

void FanOut::join(std::shared_ptr<UnitConsumer> consumer) {
  const std::lock_guard<std::mutex> lock(mutex_);
  consumers_.push_back(std::move(consumer));
}

void FanOut::add(std::shared_ptr<UnitConsumer> consumer) {
  join(std::move(consumer));
  // After the addition, or the key unit could pass before the consumer is there to take it.
  request_key_unit();
}

void FanOut::remove(const UnitConsumer* consumer) {
  // Destroyed after the lock: the consumer's own end must not run under it.
  std::shared_ptr<UnitConsumer> removed;
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto found = std::find_if(consumers_.begin(), consumers_.end(),
                                  [&](const auto& candidate) { return candidate.get() == consumer; });
  if (found == consumers_.end()) return;
  removed = std::move(*found);
  consumers_.erase(found);
}

std::size_t FanOut::size() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return consumers_.size();
}

bool FanOut::wants_units() const {
  std::vector<std::shared_ptr<UnitConsumer>> consumers;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    consumers = consumers_;
  }
  return std::any_of(consumers.begin(), consumers.end(), [](const auto& consumer) { return consumer->wants_units(); });
}

void FanOut::push(Unit unit) {
  std::vector<std::shared_ptr<UnitConsumer>> consumers;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    started_ = true;
    asked_now_ = false;
    unit.number = ++units_;
    if (unit.is_key) ++key_units_;
    consumers = consumers_;
  }
  // Outside the lock: a consumer may wait, ask for a key unit, or be removed meanwhile.
  for (const auto& consumer : consumers) consumer->consume(unit);
}

void FanOut::end_of_units() {
  std::vector<std::shared_ptr<UnitConsumer>> consumers;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    consumers = consumers_;
  }
  for (const auto& consumer : consumers) consumer->end_of_units();
}

void FanOut::request_key_unit(std::int64_t running_time_ns) {
  KeyUnitRequest request;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (!started_ || !request_) return;
    if (running_time_ns < 0) {
      if (asked_now_) return;
      asked_now_ = true;
    } else {
      if (asked_at_ns_ == running_time_ns) return;
      asked_at_ns_ = running_time_ns;
    }
    request = request_;
  }
  // The event takes locks of the encoder, whose thread may be in push() here.
  request(running_time_ns);
}

std::uint64_t FanOut::key_units() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return key_units_;
}

}  // namespace skyline
