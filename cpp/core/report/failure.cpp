#include "report/failure.h"

#include <utility>

namespace skyline {

bool Failure::latch(BusError error) {
  std::vector<std::function<void()>> listeners;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (error_) return false;
    error_ = std::move(error);
    happened_.store(true, std::memory_order_release);
    listeners.swap(listeners_);
  }
  for (const auto& listener : listeners) listener();
  return true;
}

std::optional<BusError> Failure::error() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return error_;
}

void Failure::rethrow() const {
  if (auto latched = error()) throw PipelineError(*std::move(latched));
}

void Failure::on_latch(std::function<void()> listener) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (!error_) {
      listeners_.push_back(std::move(listener));
      return;
    }
  }
  listener();
}

}  // namespace skyline
