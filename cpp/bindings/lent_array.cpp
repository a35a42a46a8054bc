#include "lent_array.h"

#include <pybind11/numpy.h>

#include <unordered_map>

namespace skyline::bindings {
namespace {

// The flag itself: going through ndarray.flags costs more than handing the frame over.
constexpr int kWriteable = py::detail::npy_api::NPY_ARRAY_WRITEABLE_;

struct Loans {
  unsigned count = 0;
  bool was_writeable = false;
};

// How often each array is out: lent twice, it becomes writeable only after both are back. The GIL
// guards it; never destroyed, for loans may come back at exit.
std::unordered_map<PyObject*, Loans>& loans() {
  static auto* all = new std::unordered_map<PyObject*, Loans>;
  return *all;
}

// The last array in the chain of bases, which owns the memory.
PyObject* owner_of(PyObject* array) {
  while (PyObject* base = py::detail::array_proxy(array)->base) {
    if (!py::isinstance<py::array>(base)) break;
    array = base;
  }
  return array;
}

}  // namespace

LentArray::LentArray(PythonFrame& frame)
    : buffer_(frame.take_buffer()),
      array_(frame.array()),
      given_(frame.given()),
      resize_guard_(py::reinterpret_steal<py::object>(PyWeakref_NewRef(owner_of(array_.ptr()), nullptr))) {
  if (!resize_guard_) throw py::error_already_set();
  Loans& loan = loans()[given_.ptr()];
  if (loan.count++ == 0) {
    int& flags = py::detail::array_proxy(given_.ptr())->flags;
    loan.was_writeable = (flags & kWriteable) != 0;
    flags &= ~kWriteable;
  }
}

LentArray::~LentArray() {
  const auto found = loans().find(given_.ptr());
  if (--found->second.count != 0) return;
  const bool was_writeable = found->second.was_writeable;
  loans().erase(found);
  if (was_writeable) py::detail::array_proxy(given_.ptr())->flags |= kWriteable;
}

}  // namespace skyline::bindings
