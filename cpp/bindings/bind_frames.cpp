#include <pybind11/numpy.h>
#include <pybind11/stl.h>

#include "colours.h"
#include "frame/frame_convert.h"
#include "python_frame.h"
#include "subjects.h"
#include "waiting.h"

namespace skyline::bindings {
namespace {

py::array_t<std::uint8_t> convert(py::handle frame, const std::string& format, const std::string& to_format, const std::string& matrix,
                                  const std::string& range, bool plain) {
  const PythonFrame python_frame(frame, format_from_name(format), {});
  const FrameLayout& layout = python_frame.layout();
  const Format target = format_from_name(to_format);
  std::vector<std::uint8_t> gathered;
  FrameView from = layout.view();
  if (!layout.is_packed()) {
    gathered.resize(frame_bytes(from.format, layout.width(), layout.height()));
    layout.gather(gathered.data());
    from = tight_view(from.format, layout.width(), layout.height(), gathered.data()).as_const();
  }
  py::array_t<std::uint8_t> out(static_cast<py::ssize_t>(frame_bytes(target, layout.width(), layout.height())));
  const MutableFrameView to = tight_view(target, layout.width(), layout.height(), out.mutable_data());
  (plain ? convert_frame_plain : convert_frame)(from, to, colorimetry_from(matrix, range));
  return out;
}

std::pair<int, int> measure_frame(py::handle frame, const std::string& format, std::optional<int> width, std::optional<int> height) {
  const PythonFrame python_frame(frame, format_from_name(format), {width.value_or(0), height.value_or(0)});
  return {python_frame.layout().width(), python_frame.layout().height()};
}

}  // namespace

void bind_frames(py::module_& module) {
  module.def("measure_frame", &measure_frame, py::arg("frame"), py::arg("format"), py::arg("width") = py::none(),
             py::arg("height") = py::none());
  module.def("convert", &convert, py::arg("frame"), py::arg("format"), py::arg("to_format"), py::kw_only(), py::arg("matrix") = "bt709",
             py::arg("range") = "limited", py::arg("plain") = false);
  module.def("simd_targets", &simd_targets);
  module.def("simd_target_in_use", &simd_target_in_use);
  module.def("use_simd_target", &use_simd_target, py::arg("name"));
  module.def("live_holds", [] {
    ReleaseQueue::instance().drain();
    return ReleaseQueue::live();
  });
  module.def("drain", [] { return ReleaseQueue::instance().drain(); });
  module.def("close_process", [] {
    exit_has_begun.store(true);
    ReleaseQueue::instance().drain();
    ReleaseQueue::instance().close();
  });
  // One outstanding pending call frees arrays that come back while nobody calls. Documented to be
  // callable without the GIL, on any thread.
  ReleaseQueue::instance().set_doorbell([] {
    Py_AddPendingCall(
        [](void*) {
          ReleaseQueue::instance().drain();
          return 0;
        },
        nullptr);
  });
}

}  // namespace skyline::bindings
