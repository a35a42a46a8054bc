#include <pybind11/stl.h>

#include "gst/runtime.h"
#include "lane/trial_encode.h"
#include "report/redact.h"
#include "pipeline/pipeline.h"
#include "subjects.h"
#include "waiting.h"

namespace skyline::bindings {
namespace py = pybind11;
namespace {

std::optional<py::dict> element_info(const std::string& name) {
  const ElementInfo info = find_element(name);
  if (info.name.empty()) return std::nullopt;
  py::dict fields;
  fields["name"] = info.name;
  fields["plugin"] = info.plugin;
  fields["version"] = info.version;
  fields["klass"] = info.klass;
  fields["rank"] = info.rank;
  return fields;
}

void try_encoder(const ChainSpec& chain, const std::string& encoder_format, int width, int height, double timeout_s) {
  enter();
  const Format format = format_from_name(encoder_format);
  // Safe to release: the core touches no Python object, and an encoder may take its time to load.
  const released_gil unlocked;
  trial_encode(chain, format, width, height, Deadline::in_seconds(timeout_s), look_for_signals);
}

}  // namespace

void bind_runtime(py::module_& module) {
  module.def("ensure_runtime", [] {
    // Safe to release: loading the registry touches no Python object and may take seconds the first time.
    const released_gil unlocked;
    ensure_runtime();
  });
  module.def("gstreamer_version", &gstreamer_version);
  module.def("find_element", &element_info, py::arg("name"));
  module.def("redact", &redact, py::arg("text"));
  module.def("trial_encode", &try_encoder, py::arg("chain"), py::arg("encoder_format"), py::kw_only(), py::arg("width") = 320,
             py::arg("height") = 240, py::arg("timeout_s") = 2.0);
  module.def("abandoned_pipelines", &abandoned_pipelines);
  module.def("forked_after_use", &forked_after_use);
  module.def("deinit_for_leak_check", &deinit_runtime);
}

}  // namespace skyline::bindings
