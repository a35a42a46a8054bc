// The one thread of a stream that changes the state of its outputs' pipelines.
//
// Streaming threads and bus handlers post tasks here instead of changing state themselves. Whoever posts
// keeps a copy, so that the thread is there for as long as anybody may: an output can outlive its stream.
#pragma once

#include <functional>
#include <memory>

namespace skyline {

class ControlThread {
 public:
  ControlThread();

  // Any thread; never blocks. When the last copy goes, what is queued is run and the thread ends; that
  // copy waits for it, unless it goes in a task.
  void post(std::function<void()> task);

 private:
  class Worker;
  std::shared_ptr<Worker> worker_;
};

}  // namespace skyline
