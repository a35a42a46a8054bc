// skyline._core: what _core.pyi declares, and nothing else.
#include "errors.h"
#include "subjects.h"

PYBIND11_MODULE(_core, module) {
  module.doc() = "The native core: frames into lanes, units out of them, outputs beside each other.";
  skyline::bindings::register_errors(module);
  skyline::bindings::bind_elements(module);
  skyline::bindings::bind_frames(module);
  skyline::bindings::bind_output(module);
  skyline::bindings::bind_lane(module);
  skyline::bindings::bind_runtime(module);
}
