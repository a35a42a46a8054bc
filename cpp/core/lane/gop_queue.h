// A bounded queue of whole GOPs: the policy of an output that cannot keep up. No GStreamer calls.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>

#include "lane/unit.h"

namespace skyline {

// Not thread-safe: its owner locks.
class GopQueue {
 public:
  struct Bounds {
    std::size_t units = 0;  // 0 = unlimited
    std::size_t bytes = 0;  // 0 = unlimited
  };

  explicit GopQueue(Bounds bounds) : bounds_(bounds) {}

  bool is_full() const;
  // Drops the oldest whole GOPs until there is room for one more unit; where a single GOP exceeds the
  // bound, drops everything and waits for a key unit. Returns how many units were dropped.
  std::size_t make_room();
  // False (and the unit is not taken) while a key unit is awaited and this is none.
  bool push(Unit unit);
  Unit pop();                                    // precondition: not empty
  const Unit& front() const { return units_.front(); }
  bool empty() const { return units_.empty(); }
  std::size_t size() const { return units_.size(); }
  std::size_t bytes() const { return bytes_; }
  bool awaits_key() const { return awaits_key_; }
  void await_key() { awaits_key_ = true; }
  std::size_t clear();                           // returns how many were dropped

 private:
  Bounds bounds_;
  std::deque<Unit> units_;
  std::size_t bytes_ = 0;
  bool awaits_key_ = true;                       // an output begins at a key unit
};

}  // namespace skyline
