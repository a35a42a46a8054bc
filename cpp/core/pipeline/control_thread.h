// The one thread of a stream that changes the state of its outputs' pipelines.
//
// Streaming threads and bus handlers post tasks here instead of changing state themselves. Whoever posts
// keeps a copy, so that the thread is there for as long as anybody may: an output can outlive its stream.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <utility>

#include "clock/deadline.h"

namespace skyline {

class ControlThread {
 public:
  ControlThread();

  // Any thread; never blocks. When the last copy goes, what is queued is run and the thread ends; that
  // copy waits for it, unless it goes in a task.
  void post(std::function<void()> task);
  // The same, not before a time. What is not due when the last copy goes is never run.
  void post_at(SteadyClock::time_point due, std::function<void()> task);
  void post_after(std::chrono::nanoseconds delay, std::function<void()> task) { post_at(SteadyClock::now() + delay, std::move(task)); }

 private:
  class Worker;
  std::shared_ptr<Worker> worker_;
};

}  // namespace skyline
