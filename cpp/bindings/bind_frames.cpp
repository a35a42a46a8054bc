#include <pybind11/numpy.h>
#include <pybind11/stl.h>

#include <algorithm>
#include <functional>
#include <optional>
#include <utility>

#include "colours.h"
#include "frame/frame_convert.h"
#include "python_frame.h"
#include "subjects.h"
#include "waiting.h"

namespace skyline::bindings {
namespace {

using Bytes = py::array_t<std::uint8_t, py::array::c_style>;

// Whether a plane of the frame lies, even partly, in the bytes from `begin` to `end`. Of a bottom-up frame
// the last row comes first.
bool reaches_into(const FrameView& from, const std::uint8_t* begin, const std::uint8_t* end) {
  for (int plane = 0; plane < plane_count(from.format); ++plane) {
    const std::uint8_t* first = from.plane[plane];
    const std::uint8_t* last = first + from.stride[plane] * (plane_rows(from.format, plane, from.height) - 1);
    if (std::less<>()(std::min(first, last), end) &&
        std::less<>()(begin, std::max(first, last) + plane_row_bytes(from.format, plane, from.width))) {
      return true;
    }
  }
  return false;
}

Bytes destination(std::optional<Bytes> out, const FrameView& from, Format to) {
  const auto bytes = static_cast<py::ssize_t>(frame_bytes(to, from.width, from.height));
  if (!out) return Bytes(bytes);
  if (out->size() != bytes || !out->writeable()) {
    throw FrameError("out has " + std::to_string(out->size()) + " bytes" +
                     (out->writeable() ? "" : " that cannot be written to") + "; " + format_name(to) + " of " +
                     std::to_string(from.width) + "x" + std::to_string(from.height) +
                     " needs a writable uint8 array of " + std::to_string(bytes));
  }
  if (reaches_into(from, out->data(), out->data() + bytes))
    throw FrameError("out is memory of the frame; pass an array of its own");
  return *std::move(out);
}

Bytes convert(py::handle frame, const std::string& format, const std::string& to_format, const std::string& matrix,
              const std::string& range, bool plain, std::optional<Bytes> out) {
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
  Bytes planes = destination(std::move(out), from, target);
  const MutableFrameView to = tight_view(target, layout.width(), layout.height(), planes.mutable_data());
  (plain ? convert_frame_plain : convert_frame)(from, to, colorimetry_from(matrix, range));
  return planes;
}

std::pair<int, int> measure_frame(py::handle frame, const std::string& format, std::optional<int> width,
                                  std::optional<int> height) {
  const PythonFrame python_frame(frame, format_from_name(format), {width.value_or(0), height.value_or(0)});
  return {python_frame.layout().width(), python_frame.layout().height()};
}

}  // namespace

void bind_frames(py::module_& module) {
  module.def("measure_frame", &measure_frame, py::arg("frame"), py::arg("format"), py::arg("width") = py::none(),
             py::arg("height") = py::none());
  module.def("convert", &convert, py::arg("frame"), py::arg("format"), py::arg("to_format"), py::kw_only(),
             py::arg("matrix") = "bt709", py::arg("range") = "limited", py::arg("plain") = false,
             py::arg("out").noconvert() = py::none());
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
