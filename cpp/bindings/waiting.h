// How a binding waits: without the GIL, with a bound, and with an ear for Ctrl-C.
#pragma once

#include <pybind11/pybind11.h>

#include <exception>

#include "clock/deadline.h"
#include "frame/release_queue.h"
#include "gil.h"
#include "gst/runtime.h"
#include "lane/lane.h"

namespace skyline::bindings {

// Called every 50 ms by a waiting core call, on the caller's thread and without the GIL.
inline void look_for_signals() {
  wait_for_exit_off_main_thread();
  const pybind11::gil_scoped_acquire gil;
  ReleaseQueue::instance().drain();
  if (PyErr_CheckSignals() != 0) throw pybind11::error_already_set();
}

// Refuses a forked child and takes back the arrays that GStreamer is done with. GIL held.
inline void enter() {
  refuse_after_fork();
  ReleaseQueue::instance().drain();
}

// Lane::dispose without the GIL, because joining a thread that waits for it would hang.
inline void dispose_without_gil(Lane* lane) {
  if (PyGILState_Check() == 0) {
    Lane::dispose(lane);
    return;
  }
  // Safe to release: the core has no Python objects; lent arrays wait in the release queue.
  const released_gil unlocked;
  Lane::dispose(lane);
}

}  // namespace skyline::bindings
