// How a binding waits: without the GIL, with a bound, and with an ear for Ctrl-C.
#pragma once

#include <pybind11/pybind11.h>

#include <exception>

#include "clock/deadline.h"
#include "frame/release_queue.h"
#include "gst/runtime.h"

namespace skyline::bindings {

// Called every 50 ms by a waiting core call, on the caller's thread and without the GIL.
inline void look_for_signals() {
  const pybind11::gil_scoped_acquire gil;
  ReleaseQueue::instance().drain();
  if (PyErr_CheckSignals() != 0) throw pybind11::error_already_set();
}

// Refuses a forked child and takes back the arrays that GStreamer is done with. GIL held.
inline void enter() {
  refuse_after_fork();
  ReleaseQueue::instance().drain();
}

// For objects with threads behind them: destroyed without the GIL, because joining a thread that waits
// for it would hang, and leaked in a forked child, where those threads do not exist.
template <typename T>
struct DestroyWithoutGil {
  void operator()(T* object) const {
    if (forked_after_use()) return;
    if (PyGILState_Check() == 0) {
      delete object;
      return;
    }
    // Safe to release: the core has no Python objects; lent arrays wait in the release queue.
    const pybind11::gil_scoped_release unlocked;
    delete object;
  }
};

}  // namespace skyline::bindings
