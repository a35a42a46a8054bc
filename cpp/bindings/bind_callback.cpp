#include <pybind11/stl.h>

#include "output/callback_output.h"
#include "subjects.h"
#include "text.h"
#include "waiting.h"

namespace skyline::bindings {
namespace py = pybind11;
namespace {

// The bytes of one unit for as long as Python looks at them. The memory is the encoder's, shared and read-only.
class UnitBytes {
 public:
  explicit UnitBytes(BufferPtr buffer) : buffer_(std::move(buffer)) {
    if (gst_buffer_map(buffer_.get(), &map_, GST_MAP_READ) == 0) throw std::runtime_error("a unit cannot be read");
  }
  ~UnitBytes() { gst_buffer_unmap(buffer_.get(), &map_); }
  UnitBytes(const UnitBytes&) = delete;
  UnitBytes& operator=(const UnitBytes&) = delete;

  py::buffer_info view() const {
    return {map_.data, 1,   py::format_descriptor<std::uint8_t>::format(), 1, {static_cast<py::ssize_t>(map_.size)},
            {1},       true};
  }

 private:
  BufferPtr buffer_;
  GstMapInfo map_{};
};

using Told = std::tuple<std::unique_ptr<UnitBytes>, std::int64_t, std::optional<std::int64_t>, bool, std::string>;

std::optional<Told> next_unit(CallbackOutput& output, double timeout_s) {
  enter();
  std::optional<Unit> unit;
  {
    // Safe to release: units come from GStreamer's threads and hold no Python object.
    const released_gil unlocked;
    unit = output.next(Deadline::in_seconds(timeout_s), look_for_signals);
  }
  if (!unit) return std::nullopt;
  const std::int64_t origin_ns = output.origin_ns();
  std::optional<std::int64_t> dts_ns;
  const GstClockTime dts = GST_BUFFER_DTS(unit->buffer.get());
  if (GST_CLOCK_TIME_IS_VALID(dts)) dts_ns = static_cast<std::int64_t>(dts) - origin_ns;
  std::string caps = take_string(gst_caps_to_string(unit->caps.get()));
  return Told{std::make_unique<UnitBytes>(std::move(unit->buffer)), unit->pts_ns - origin_ns, dts_ns, unit->is_key,
              std::move(caps)};
}

}  // namespace

void bind_callback(py::module_& module) {
  py::class_<UnitBytes>(module, "UnitBytes", py::buffer_protocol()).def_buffer(&UnitBytes::view);

  py::class_<CallbackOutput, Output, std::shared_ptr<CallbackOutput>>(module, "CallbackOutput")
      .def("next_unit", &next_unit, py::arg("timeout_s"))
      .def_property_readonly("is_over", &CallbackOutput::is_over)
      .def(
          "note_error", [](CallbackOutput& output, const py::str& what) { output.note_error(bytes_of(what)); },
          py::arg("what"));
}

}  // namespace skyline::bindings
