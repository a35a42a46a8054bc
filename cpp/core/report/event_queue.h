// Events on their way from any thread to the one that calls the user.
//
// post() never blocks and never touches Python; a full queue drops the oldest.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>

#include "report/errors.h"

namespace skyline {

struct Event {
  std::string kind;                 // "started", "connected", "reconnecting", "segment", "dropped", "failed", …
  std::string output;               // name of the output, "" for the lane itself
  std::string message;              // for people, secrets removed
  std::optional<BusError> error;    // where kind is "failed" or "warning"
  std::uint64_t count = 0;          // of "dropped": how many since the last such event
};

class EventQueue {
 public:
  void post(Event event);
  // The next event, or nothing after `timeout` or once the queue is closed and empty.
  std::optional<Event> pop(std::chrono::milliseconds timeout);
  // Wakes pop for good; later posts are dropped.
  void close();
  bool closed() const;

 private:
  static constexpr std::size_t kCapacity = 1024;
  mutable std::mutex mutex_;
  std::condition_variable arrived_;
  std::deque<Event> events_;       // guarded by mutex_
  bool closed_ = false;            // guarded by mutex_
};

}  // namespace skyline
