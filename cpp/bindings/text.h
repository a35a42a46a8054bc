// File names need not be text. Like Python's os.fsdecode, bytes that are not UTF-8 become surrogates, and
// come back as they were.
#pragma once

#include <pybind11/pybind11.h>

#include <string>

namespace skyline::bindings {

inline pybind11::str text_of(const std::string& bytes) {
  PyObject* text = PyUnicode_DecodeUTF8(bytes.data(), static_cast<Py_ssize_t>(bytes.size()), "surrogateescape");
  if (text == nullptr) throw pybind11::error_already_set();
  return pybind11::reinterpret_steal<pybind11::str>(text);
}

inline std::string bytes_of(const pybind11::str& text) {
  PyObject* bytes = PyUnicode_AsEncodedString(text.ptr(), "utf-8", "surrogateescape");
  if (bytes == nullptr) throw pybind11::error_already_set();
  return std::string(pybind11::reinterpret_steal<pybind11::bytes>(bytes));
}

}  // namespace skyline::bindings
