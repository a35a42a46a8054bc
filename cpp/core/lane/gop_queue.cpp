#include "lane/gop_queue.h"

#include <utility>

namespace skyline {

bool GopQueue::is_full() const {
  return (bounds_.units != 0 && units_.size() >= bounds_.units) ||
         (bounds_.bytes != 0 && bytes_ >= bounds_.bytes);
}

std::size_t GopQueue::make_room() {
  std::size_t dropped = 0;
  while (is_full()) {
    // The front may be the middle of a GOP whose beginning was already handed on. Its rest goes too:
    // what follows a gap has to be a key unit.
    do {
      pop();
      ++dropped;
    } while (!units_.empty() && !units_.front().is_key);
    if (units_.empty()) awaits_key_ = true;
  }
  return dropped;
}

bool GopQueue::push(Unit unit) {
  if (awaits_key_ && !unit.is_key) return false;
  awaits_key_ = false;
  bytes_ += unit.bytes;
  units_.push_back(std::move(unit));
  return true;
}

Unit GopQueue::pop() {
  Unit unit = std::move(units_.front());
  units_.pop_front();
  bytes_ -= unit.bytes;
  return unit;
}

std::size_t GopQueue::clear() {
  const std::size_t dropped = units_.size();
  if (dropped != 0) awaits_key_ = true;
  units_.clear();
  bytes_ = 0;
  return dropped;
}

}  // namespace skyline
