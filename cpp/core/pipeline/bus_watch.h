// Where an error comes back: a sync handler on the bus that only stores, counts and notifies.
//
// It runs on whichever thread posts, so it never changes a pipeline's state (that hangs for ever)
// and never touches Python. Every message is dropped from the bus, so nothing piles up there.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "clock/deadline.h"
#include "gst/owned.h"
#include "report/event_queue.h"
#include "report/failure.h"

namespace skyline {

class BusWatch {
 public:
  BusWatch(std::string name, std::string description, std::shared_ptr<Failure> failure,
           std::shared_ptr<EventQueue> events);

  void attach(GstElement* pipeline, std::shared_ptr<BusWatch> self);
  static void detach(GstElement* pipeline);  // after NULL

  // What elements complain about from now on is of no interest. Any thread.
  void ignore_errors() { ignores_errors_.store(true); }
  // Called for each warning and each message of progress, on the thread that posts it: must not change state.
  // Before the pipeline leaves NULL, as the next.
  void on_notice(std::function<void(GstMessage*)> listener) { notice_listener_ = std::move(listener); }
  // Failures are latched, and the owner tells what they mean.
  void leave_failures_to_owner() { tells_failures_ = false; }

  void on_eos(std::function<void()> listener);
  // Runs on the thread that tells of another latency, often a streaming one. Before anything is posted.
  void on_latency(std::function<void()> listener) { latency_listener_ = std::move(listener); }
  bool saw_eos() const;
  bool wait_eos(const Deadline& deadline, const Interrupt& interrupt);

 private:
  void handle(GstMessage* message);
  void handle_error(GstMessage* message);
  void handle_warning(GstMessage* message);

  const std::string name_;
  const std::string description_;
  const std::shared_ptr<Failure> failure_;
  const std::shared_ptr<EventQueue> events_;
  std::function<void()> latency_listener_;
  std::atomic<bool> ignores_errors_{false};
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  bool eos_ = false;                          // guarded by mutex_
  std::function<void()> eos_listener_;        // guarded by mutex_
  SteadyClock::time_point last_warning_{};    // guarded by mutex_
  std::function<void(GstMessage*)> notice_listener_;
  bool tells_failures_ = true;
};

// The fields of an error or warning message, secrets removed.
BusError bus_error_from(GstMessage* message, const std::string& description);

}  // namespace skyline
