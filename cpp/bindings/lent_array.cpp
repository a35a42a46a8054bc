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

}  // namespace

LentArray::LentArray(PythonFrame& frame) : buffer_(frame.take_buffer()), array_(frame.array()) {
  Loans& loan = loans()[array_.ptr()];
  if (loan.count++ == 0) {
    int& flags = py::detail::array_proxy(array_.ptr())->flags;
    loan.was_writeable = (flags & kWriteable) != 0;
    flags &= ~kWriteable;
  }
}

LentArray::~LentArray() {
  const auto found = loans().find(array_.ptr());
  if (--found->second.count != 0) return;
  const bool was_writeable = found->second.was_writeable;
  loans().erase(found);
  if (was_writeable) py::detail::array_proxy(array_.ptr())->flags |= kWriteable;
}

}  // namespace skyline::bindings
