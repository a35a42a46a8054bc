// skyline._core: what _core.pyi declares, and nothing else.
#include "errors.h"
#include "subjects.h"

PYBIND11_MODULE(_core_of_main, module) {
  module.doc() = "The native core: frames into lanes, units out of them, outputs beside each other.";
  skyline::bindings::register_errors(module);
  skyline::bindings::bind_elements(module);
  skyline::bindings::bind_frames(module);
  skyline::bindings::bind_output(module);
  skyline::bindings::bind_callback(module);
  skyline::bindings::bind_rtsp(module);
  skyline::bindings::bind_lane(module);
  skyline::bindings::bind_runtime(module);
}

// The core is one per process, and pybind11 hangs in a sub-interpreter (mod_wsgi's, say) before it would
// refuse it; so that is done here.
extern "C" PYBIND11_EXPORT PyObject* PyInit__core();
extern "C" PyObject* PyInit__core() {
  if (PyInterpreterState_Get() != PyInterpreterState_Main()) {
    PyErr_SetString(PyExc_ImportError, "skyline works in the main interpreter only, not in a sub-interpreter");
    return nullptr;
  }
  return PyInit__core_of_main();
}
