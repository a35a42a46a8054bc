#include "pipeline/control_thread.h"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>

namespace skyline {
namespace {

// What the thread itself needs. Its own share lets the last copy of the ControlThread go in a task.
struct Tasks {
  std::mutex mutex;
  std::condition_variable posted;
  std::deque<std::function<void()>> waiting;  // guarded by mutex
  bool ending = false;                        // guarded by mutex
};

void run(const std::shared_ptr<Tasks>& tasks) {
  std::unique_lock<std::mutex> lock(tasks->mutex);
  while (true) {
    tasks->posted.wait(lock, [&] { return tasks->ending || !tasks->waiting.empty(); });
    if (tasks->waiting.empty()) return;
    auto task = std::move(tasks->waiting.front());
    tasks->waiting.pop_front();
    lock.unlock();
    task();
    task = nullptr;  // what it held goes before the next look, and without the lock
    lock.lock();
  }
}

}  // namespace

class ControlThread::Worker {
 public:
  Worker() : thread_([tasks = tasks_] { run(tasks); }) {}
  ~Worker() {
    {
      const std::lock_guard<std::mutex> lock(tasks_->mutex);
      tasks_->ending = true;
    }
    tasks_->posted.notify_one();
    if (thread_.get_id() == std::this_thread::get_id()) {
      thread_.detach();
    } else {
      thread_.join();
    }
  }
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  void post(std::function<void()> task) {
    {
      const std::lock_guard<std::mutex> lock(tasks_->mutex);
      tasks_->waiting.push_back(std::move(task));
    }
    tasks_->posted.notify_one();
  }

 private:
  const std::shared_ptr<Tasks> tasks_ = std::make_shared<Tasks>();
  std::thread thread_;
};

ControlThread::ControlThread() : worker_(std::make_shared<Worker>()) {}

void ControlThread::post(std::function<void()> task) { worker_->post(std::move(task)); }

}  // namespace skyline
