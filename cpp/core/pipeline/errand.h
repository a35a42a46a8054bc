// Work that may block (a resolver, a sink that opens), on a thread of its own, so that nobody else waits.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <thread>

namespace skyline {

class Errand {
 public:
  // `work` must own what it touches: it may outlive everything else.
  explicit Errand(std::function<void()> work);
  ~Errand();  // joins what is done, and leaves behind what is not
  Errand(const Errand&) = delete;
  Errand& operator=(const Errand&) = delete;

  bool done() const { return done_->load(); }

 private:
  const std::shared_ptr<std::atomic<bool>> done_ = std::make_shared<std::atomic<bool>>(false);
  std::thread thread_;
};

}  // namespace skyline
