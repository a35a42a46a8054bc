#include "lent_array.h"

#include <pybind11/numpy.h>

#include <unordered_map>

namespace skyline::bindings {
namespace {

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
    const py::object flags = array_.attr("flags");
    loan.was_writeable = py::cast<bool>(flags.attr("writeable"));
    if (loan.was_writeable) flags.attr("writeable") = false;
  }
}

LentArray::~LentArray() {
  const auto found = loans().find(array_.ptr());
  if (--found->second.count != 0) return;
  const bool was_writeable = found->second.was_writeable;
  loans().erase(found);
  if (!was_writeable) return;
  try {
    array_.attr("flags").attr("writeable") = true;
  } catch (py::error_already_set& refused) {
    // Its base became read-only meanwhile: then it stays read-only too.
    refused.discard_as_unraisable("returning a lent frame");
  }
}

}  // namespace skyline::bindings
