#include "pipeline/errand.h"

#include <utility>

namespace skyline {

Errand::Errand(std::function<void()> work)
    : thread_([work = std::move(work), done = done_]() mutable {
        work();
        done->store(true);
        work = nullptr;  // its last owner may be here
      }) {}

Errand::~Errand() {
  if (done()) {
    thread_.join();
  } else {
    thread_.detach();
  }
}

}  // namespace skyline
