// Leaving and taking the GIL in a way that survives the end of the interpreter.
//
// A daemon thread that comes back from the core while the interpreter is finalised would be ended inside
// PyEval_RestoreThread (up to CPython 3.13), in the middle of C++ frames, and that aborts the process. Once
// the exit has begun such a thread waits for the process to end instead.
#pragma once

#include <pybind11/pybind11.h>
#include <unistd.h>

#include <atomic>

namespace skyline::bindings {

inline std::atomic<bool> exit_has_begun{false};

inline void wait_for_exit_off_main_thread() {
  // On Linux the main thread is the one whose thread id is the process id.
  while (exit_has_begun.load() && gettid() != getpid()) pause();
}

class released_gil {
 public:
  released_gil() : state_(PyEval_SaveThread()) {}
  ~released_gil() {
    wait_for_exit_off_main_thread();
    PyEval_RestoreThread(state_);
  }
  released_gil(const released_gil&) = delete;
  released_gil& operator=(const released_gil&) = delete;

 private:
  PyThreadState* state_;
};

}  // namespace skyline::bindings
