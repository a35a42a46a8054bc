// A lent array: its memory held and its writeable flag taken away until GStreamer is done with it.
#pragma once

#include <memory>

#include "frame/release_queue.h"
#include "python_frame.h"

namespace skyline::bindings {

class LentArray : public Lent {
 public:
  // GIL held, here and in the destructor (which the release queue's drain runs).
  explicit LentArray(PythonFrame& frame);
  ~LentArray() override;

 private:
  HeldBuffer buffer_;
  py::object array_;
  py::object given_;         // the array whose flag was taken
  py::object resize_guard_;  // numpy moves no memory of an array that has a weak reference, even unchecked
};

}  // namespace skyline::bindings
