// The first error of a running thing, kept for the next call and shown to every waiter.
#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <optional>
#include <vector>

#include "report/errors.h"

namespace skyline {

class Failure {
 public:
  // Keeps the error if it is the first, then runs the listeners once. True if it was. Any thread.
  bool latch(BusError error);
  bool happened() const noexcept { return happened_.load(std::memory_order_acquire); }
  std::optional<BusError> error() const;
  // Throws PipelineError where an error was latched.
  void rethrow() const;
  // Called once, on the thread that latches, or at once if it has happened already. Listeners must
  // not change a pipeline's state and must outlive the failure.
  void on_latch(std::function<void()> listener);

 private:
  std::atomic<bool> happened_{false};
  mutable std::mutex mutex_;
  std::optional<BusError> error_;                 // guarded by mutex_
  std::vector<std::function<void()>> listeners_;  // guarded by mutex_
};

}  // namespace skyline
