// The core's exceptions as the classes of skyline.errors.
#pragma once

#include <pybind11/pybind11.h>

#include "report/errors.h"

namespace skyline::bindings {

void register_errors(pybind11::module_& module);
pybind11::dict as_dict(const BusError& error);

}  // namespace skyline::bindings
