#include <pybind11/stl.h>

#include "errors.h"
#include "latency.h"
#include "output/output.h"
#include "subjects.h"
#include "text.h"

namespace skyline::bindings {
namespace py = pybind11;
namespace {

py::dict stats_of(const Output& output) {
  const OutputStats stats = output.stats();
  py::dict counters;
  counters["units_in"] = stats.units_in;
  counters["units_sent"] = stats.units_sent;
  counters["units_dropped"] = stats.units_dropped;
  counters["units_queued"] = stats.units_queued;
  counters["bytes_sent"] = stats.bytes_sent;
  counters["key_units"] = stats.key_units;
  counters["parts"] = stats.parts;
  counters["reconnects"] = stats.reconnects;
  counters["clients"] = stats.clients;
  counters["callback_errors"] = stats.callback_errors;
  counters["latency"] = values_of(stats.latency.since_start);
  counters["recent_latency"] = values_of(stats.latency.recent);
  return counters;
}

}  // namespace

void bind_output(py::module_& module) {
  py::class_<Output, std::shared_ptr<Output>>(module, "Output")
      .def_property_readonly("name", [](const Output& output) { return text_of(output.name()); })
      .def_property_readonly("state", [](const Output& output) { return Output::state_name(output.state()); })
      .def_property_readonly("error",
                             [](const Output& output) -> std::optional<py::dict> {
                               const auto error = output.failure()->error();
                               if (!error) return std::nullopt;
                               return as_dict(*error);
                             })
      .def("stats", &stats_of);
}

}  // namespace skyline::bindings
