#include "pipeline/control_thread.h"

#include <condition_variable>
#include <deque>
#include <map>
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
  std::multimap<SteadyClock::time_point, std::function<void()>> timed;  // guarded by mutex
  bool ending = false;                        // guarded by mutex
};

// Those that are due join the queue, in the order of their times.
void take_due(Tasks& tasks) {
  const auto due = tasks.timed.upper_bound(SteadyClock::now());
  for (auto timed = tasks.timed.begin(); timed != due; ++timed) tasks.waiting.push_back(std::move(timed->second));
  tasks.timed.erase(tasks.timed.begin(), due);
}

void run(const std::shared_ptr<Tasks>& tasks) {
  std::unique_lock<std::mutex> lock(tasks->mutex);
  while (true) {
    take_due(*tasks);
    if (tasks->waiting.empty()) {
      if (tasks->ending) break;
      if (tasks->timed.empty()) {
        tasks->posted.wait(lock);
      } else {
        const auto first = tasks->timed.begin()->first;
        tasks->posted.wait_until(lock, first);
      }
      continue;
    }
    auto task = std::move(tasks->waiting.front());
    tasks->waiting.pop_front();
    lock.unlock();
    task();
    task = nullptr;  // what it held goes before the next look, and without the lock
    lock.lock();
  }
  const auto never_due = std::move(tasks->timed);
  lock.unlock();  // what they hold goes without it
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

  void post_at(SteadyClock::time_point due, std::function<void()> task) {
    {
      const std::lock_guard<std::mutex> lock(tasks_->mutex);
      tasks_->timed.emplace(due, std::move(task));
    }
    tasks_->posted.notify_one();
  }

 private:
  const std::shared_ptr<Tasks> tasks_ = std::make_shared<Tasks>();
  std::thread thread_;
};

ControlThread::ControlThread() : worker_(std::make_shared<Worker>()) {}

void ControlThread::post(std::function<void()> task) { worker_->post(std::move(task)); }

void ControlThread::post_at(SteadyClock::time_point due, std::function<void()> task) { worker_->post_at(due, std::move(task)); }

}  // namespace skyline
