// The one thread of a stream that changes the state of its outputs' pipelines.
//
// Streaming threads and bus handlers post tasks here instead of changing state themselves.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace skyline {

class ControlThread {
 public:
  ControlThread();
  ~ControlThread();  // runs what is queued, then joins
  ControlThread(const ControlThread&) = delete;
  ControlThread& operator=(const ControlThread&) = delete;

  void post(std::function<void()> task);  // any thread; never blocks

 private:
  void run();

  std::mutex mutex_;
  std::condition_variable posted_;
  std::deque<std::function<void()>> tasks_;  // guarded by mutex_
  bool ending_ = false;                      // guarded by mutex_
  std::thread thread_;
};

}  // namespace skyline
