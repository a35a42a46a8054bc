// A Python object as a frame: its buffer held, its layout checked.
#pragma once

#include <pybind11/pybind11.h>

#include <optional>

#include "frame/frame_layout.h"

namespace skyline::bindings {

namespace py = pybind11;

// A Py_buffer that is released once, with the GIL held.
class HeldBuffer {
 public:
  // Throws FrameError for an object that shows no memory. Memory the owner forbids writing is fine.
  explicit HeldBuffer(py::handle object);
  ~HeldBuffer();
  HeldBuffer(const HeldBuffer&) = delete;
  HeldBuffer& operator=(const HeldBuffer&) = delete;
  HeldBuffer(HeldBuffer&& other) noexcept;
  HeldBuffer& operator=(HeldBuffer&&) = delete;

  StridedArray as_array() const;

 private:
  Py_buffer buffer_{};
};

// The ndarray itself, or what skyline.frames.as_array makes of another object (DLPack,
// __array_interface__, memoryview, …) without copying where that is possible.
py::object as_ndarray(py::handle frame);

// One frame on its way through put or lend.
class PythonFrame {
 public:
  PythonFrame(py::handle frame, Format format, FrameSize expected);

  const FrameLayout& layout() const { return layout_; }
  const py::object& array() const { return array_; }
  // What the caller holds and might write to: a subclass itself, not our plain view of it.
  const py::object& given() const { return given_; }
  HeldBuffer take_buffer() { return std::move(buffer_); }
  // The chain of bases ends in memory only Python can free, and not before the array goes: an owning
  // ndarray or bytes. Shared memory, memmaps and foreign owners can vanish underneath GStreamer.
  bool is_safe_to_lend() const;

 private:
  py::object array_;
  py::object given_;
  HeldBuffer buffer_;
  FrameLayout layout_;
};

}  // namespace skyline::bindings
