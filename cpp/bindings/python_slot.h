// acquire, as Python sees it: an array over memory of ours, used once.
#pragma once

#include <pybind11/numpy.h>

#include <memory>
#include <optional>

#include "lane/lane.h"
#include "report/errors.h"
#include "waiting.h"

namespace skyline::bindings {

namespace py = pybind11;

class PythonSlot {
 public:
  explicit PythonSlot(std::shared_ptr<Lane> lane) : lane_(std::move(lane)), slot_(lane_->intake().acquire()), array_(array_over(slot_)) {}

  py::array array() const { return array_; }

  bool commit(std::optional<std::int64_t> pts_ns, double timeout_s) {
    enter();
    const auto slot = take();
    // From here GStreamer reads it. Views made earlier stay writeable: numpy cannot revoke them.
    array_.attr("flags").attr("writeable") = false;
    // Safe to release: the slot's memory is ours and nothing below touches Python.
    const released_gil unlocked;
    return lane_->intake().commit(*slot, pts_ns, Deadline::in_seconds(timeout_s), look_for_signals);
  }

  void discard() {
    if (slot_) array_.attr("flags").attr("writeable") = false;
    slot_.reset();
  }

 private:
  std::shared_ptr<FrameSlot> take() {
    if (!slot_) throw StateError("this slot was committed or discarded; acquire another for the next frame");
    return std::move(slot_);
  }

  // Every array and view of it shares the slot, which keeps the memory out of the pool.
  static py::array array_over(const std::shared_ptr<FrameSlot>& slot) {
    const MutableFrameView& view = slot->view();
    const py::capsule owner(new std::shared_ptr<FrameSlot>(slot), [](void* share) { delete static_cast<std::shared_ptr<FrameSlot>*>(share); });
    const py::dtype dtype = view.format == Format::GRAY16_LE ? py::dtype::of<std::uint16_t>() : py::dtype::of<std::uint8_t>();
    return {dtype, shape_of(view), {}, view.plane[0], owner};
  }

  static std::vector<py::ssize_t> shape_of(const MutableFrameView& view) {
    if (is_planar(view.format)) {
      if (view.width % 2 == 0 && view.height % 2 == 0) return {view.height * 3 / 2, view.width};
      return {static_cast<py::ssize_t>(frame_bytes(view.format, view.width, view.height))};
    }
    if (channel_count(view.format) == 1) return {view.height, view.width};
    return {view.height, view.width, channel_count(view.format)};
  }

  std::shared_ptr<Lane> lane_;
  std::shared_ptr<FrameSlot> slot_;
  py::array array_;
};

}  // namespace skyline::bindings
