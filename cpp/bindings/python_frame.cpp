#include "python_frame.h"

#include <pybind11/numpy.h>

#include <utility>

#include "report/errors.h"

namespace skyline::bindings {
namespace {

std::string type_name(py::handle object) { return py::str(py::type::of(object).attr("__name__")); }

// numpy's name for a buffer format: "B" is uint8. What no frame can have keeps a readable name.
std::string dtype_name(const char* format, Py_ssize_t itemsize) {
  const std::string text = format != nullptr ? format : "B";
  if (text == "B") return "uint8";
  if (text == "H" || text == "<H" || text == "=H") return "uint16";
  const char kind = text.back();
  const std::string order = text.front() == '>' || text.front() == '!' ? ">" : "";
  const std::string bits = std::to_string(itemsize * 8);
  switch (kind) {
    case 'H': return order + "u2";
    case 'b': case 'h': case 'i': case 'l': case 'q': case 'n': return order + "int" + bits;
    case 'I': case 'L': case 'Q': case 'N': return order + "uint" + bits;
    case 'e': case 'f': case 'd': case 'g': return (text.size() > 1 && text[text.size() - 2] == 'Z' ? "complex" : order + "float") + bits;
    case '?': return "bool";
    case 'O': return "object";
    default: return "\"" + text + "\"";
  }
}

// Through numpy's own structures: attribute look-ups would cost more than the rest of lend.
bool is_plain_ndarray(PyObject* object) { return Py_TYPE(object) == py::detail::npy_api::get().PyArray_Type_; }
bool is_ndarray(PyObject* object) { return PyObject_TypeCheck(object, py::detail::npy_api::get().PyArray_Type_) != 0; }

}  // namespace

HeldBuffer::HeldBuffer(py::handle object) {
  if (PyObject_GetBuffer(object.ptr(), &buffer_, PyBUF_STRIDED_RO | PyBUF_FORMAT) == 0) return;
  const py::error_already_set cause;
  throw FrameError("frame is a " + type_name(object) + " that shows no plain memory (" + std::string(py::str(cause.value())) +
                   "); pass a numpy array of uint8 or uint16");
}

HeldBuffer::~HeldBuffer() {
  if (buffer_.obj != nullptr) PyBuffer_Release(&buffer_);
}

HeldBuffer::HeldBuffer(HeldBuffer&& other) noexcept : buffer_(std::exchange(other.buffer_, Py_buffer{})) {}

StridedArray HeldBuffer::as_array() const {
  StridedArray array;
  array.data = static_cast<const std::uint8_t*>(buffer_.buf);
  array.dtype = dtype_name(buffer_.format, buffer_.itemsize);
  array.shape.assign(buffer_.shape, buffer_.shape + buffer_.ndim);
  array.strides.assign(buffer_.strides, buffer_.strides + buffer_.ndim);
  return array;
}

py::object as_ndarray(py::handle frame) {
  // An ndarray proper needs no inspection; subclasses may (masked arrays are refused).
  if (is_plain_ndarray(frame.ptr())) return py::reinterpret_borrow<py::object>(frame);
  return py::module_::import("skyline.frames").attr("as_array")(frame);
}

PythonFrame::PythonFrame(py::handle frame, Format format, FrameSize expected)
    : array_(as_ndarray(frame)),
      given_(is_ndarray(frame.ptr()) ? py::reinterpret_borrow<py::object>(frame) : array_),
      buffer_(array_),
      layout_(buffer_.as_array(), format, expected) {}

bool PythonFrame::is_safe_to_lend() const {
  PyObject* owner = array_.ptr();
  while (is_ndarray(owner)) {
    const auto* array = py::detail::array_proxy(owner);
    if (array->base == nullptr) return (array->flags & py::detail::npy_api::NPY_ARRAY_OWNDATA_) != 0;
    owner = array->base;  // a memmap's chain ends in an mmap, shared memory's in a memoryview
  }
  return PyBytes_Check(owner) != 0;
}

}  // namespace skyline::bindings
