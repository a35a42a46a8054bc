#include "frame/release_queue.h"

#include <utility>

#include "gst/thread_sanitizer.h"

namespace skyline {
namespace {

std::atomic<std::size_t> live_loans{0};

}  // namespace

bool LoanState::done() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return done_;
}

bool LoanState::wait(const Deadline& deadline, const Interrupt& interrupt) const {
  while (true) {
    {
      std::unique_lock<std::mutex> lock(mutex_);
      if (finished_.wait_until(lock, deadline.slice(), [this] { return done_; })) return true;
    }
    if (deadline.passed()) return false;
    if (interrupt) interrupt();
  }
}

void LoanState::finish() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    done_ = true;
  }
  finished_.notify_all();
}

Lent::Lent() { ++live_loans; }
Lent::~Lent() { --live_loans; }

ReleaseQueue& ReleaseQueue::instance() {
  static auto* queue = new ReleaseQueue;
  return *queue;
}

void ReleaseQueue::append(Lent* lent) noexcept {
  SKYLINE_TSAN_ACQUIRE(lent);
  const auto state = lent->state_;
  void (*ring)() = nullptr;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (!closed_) {
      lent->next_ = std::exchange(finished_, lent);
      if (!rung_) ring = ring_;
      rung_ = ring != nullptr || rung_;
    }
  }
  state->finish();
  if (ring != nullptr) ring();
}

std::size_t ReleaseQueue::drain() noexcept {
  Lent* list = nullptr;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    list = std::exchange(finished_, nullptr);
    rung_ = false;
  }
  // Without the lock: freeing an array may run the user's code.
  std::size_t count = 0;
  while (list != nullptr) {
    const std::unique_ptr<Lent> lent(std::exchange(list, list->next_));
    ++count;
  }
  return count;
}

void ReleaseQueue::set_doorbell(void (*ring)()) {
  const std::lock_guard<std::mutex> lock(mutex_);
  ring_ = ring;
}

void ReleaseQueue::close() noexcept {
  const std::lock_guard<std::mutex> lock(mutex_);
  closed_ = true;
  ring_ = nullptr;
}

std::size_t ReleaseQueue::live() noexcept { return live_loans.load(); }

}  // namespace skyline
