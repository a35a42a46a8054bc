// One function per subject of the native module; each in its own bind_<subject>.cpp.
#pragma once

#include <pybind11/pybind11.h>

namespace skyline::bindings {

void bind_elements(pybind11::module_& module);
void bind_frames(pybind11::module_& module);
void bind_output(pybind11::module_& module);
void bind_rtsp(pybind11::module_& module);
void bind_lane(pybind11::module_& module);
void bind_callback(pybind11::module_& module);
void bind_runtime(pybind11::module_& module);

}  // namespace skyline::bindings
