// Hands every encoded unit to each consumer, by reference, and asks the encoder for key units.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "lane/unit.h"

namespace skyline {

// What hangs on a fan-out. Called on the lane's streaming thread.
class UnitConsumer {
 public:
  virtual ~UnitConsumer() = default;
  // Live consumers never block here. One that must not lose anything may wait for room (offline files).
  virtual void consume(const Unit& unit) = 0;
  // No unit comes after this.
  virtual void end_of_units() = 0;
  // False while nobody watches it: where that is so of all, nothing is encoded. Asked before each frame and
  // without a lock of the fan-out's, so a change needs no telling: the next frame is let in and becomes a key
  // unit. Any thread, cheap. Only what was asked to be on demand ever says false.
  virtual bool wants_units() const { return true; }
};

class FanOut {
 public:
  // Sends a force-key-unit event to the encoder: at once, or at a running time when >= 0.
  using KeyUnitRequest = std::function<void(std::int64_t running_time_ns)>;

  void set_key_unit_request(KeyUnitRequest request);  // by the lane; empty takes it off
  void add(std::shared_ptr<UnitConsumer> consumer);    // and asks for a key unit to begin with
  void join(std::shared_ptr<UnitConsumer> consumer);   // one that has begun already
  void remove(const UnitConsumer* consumer);           // a unit already on its way may still arrive
  std::size_t size() const;
  bool wants_units() const;      // one of them does; false with none

  void push(Unit unit);          // streaming thread of the lane; numbers it
  void end_of_units();
  // Dropped until the first unit has come: an earlier request silences all later ones (x264enc).
  // Several requests for the same time, or for "now" before the next unit, give one event.
  void request_key_unit(std::int64_t running_time_ns = -1);
  std::uint64_t key_units() const;

 private:
  mutable std::mutex mutex_;
  std::vector<std::shared_ptr<UnitConsumer>> consumers_;  // guarded by mutex_
  KeyUnitRequest request_;                                // guarded by mutex_
  bool started_ = false;                                  // guarded by mutex_
  bool asked_now_ = false;                                // guarded by mutex_
  std::int64_t asked_at_ns_ = -1;                         // guarded by mutex_
  std::uint64_t units_ = 0;                               // guarded by mutex_
  std::uint64_t key_units_ = 0;                           // guarded by mutex_
};

}  // namespace skyline
