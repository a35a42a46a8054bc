// Owners of lent frames that GStreamer has finished with.
//
// append() runs on whichever streaming thread drops the last buffer reference, so it must not touch
// Python: taking the GIL there hangs the interpreter at exit. drain() runs in the next call that
// already holds the GIL, and frees them there. A Lent carries its own link, so append() cannot fail.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>

#include "clock/deadline.h"

namespace skyline {

// Shared by a lent frame and whoever asks when it is free again.
class LoanState {
 public:
  bool done() const;
  bool wait(const Deadline& deadline, const Interrupt& interrupt) const;
  void finish();

 private:
  mutable std::mutex mutex_;
  mutable std::condition_variable finished_;
  bool done_ = false;  // guarded by mutex_
};

// What keeps a lent frame's memory alive. Destroyed by drain(), never by a streaming thread.
class Lent {
 public:
  Lent();
  virtual ~Lent();
  Lent(const Lent&) = delete;
  Lent& operator=(const Lent&) = delete;
  const std::shared_ptr<LoanState>& state() const { return state_; }

 private:
  friend class ReleaseQueue;
  std::shared_ptr<LoanState> state_ = std::make_shared<LoanState>();
  Lent* next_ = nullptr;
};

class ReleaseQueue {
 public:
  // One for the process, never destroyed: a buffer may come back after main() ended.
  static ReleaseQueue& instance();

  void append(Lent* lent) noexcept;   // transfer full; marks it done. Any thread.
  std::size_t drain() noexcept;       // the thread that may destroy them; returns how many
  // Called (any thread) when something waits and no doorbell is outstanding; drain() re-arms it.
  void set_doorbell(void (*ring)());
  // Nothing is freed and nothing rings after this: what comes back later leaks on purpose.
  void close() noexcept;

  static std::size_t live() noexcept;  // Lent objects that exist

 private:
  ReleaseQueue() = default;

  std::mutex mutex_;
  Lent* finished_ = nullptr;          // guarded by mutex_
  void (*ring_)() = nullptr;          // guarded by mutex_
  bool rung_ = false;                 // guarded by mutex_
  bool closed_ = false;               // guarded by mutex_
};

}  // namespace skyline
