// Matrix and range as Python names them.
#pragma once

#include <string>

#include "frame/frame_convert.h"
#include "report/errors.h"

namespace skyline::bindings {

inline Colorimetry colorimetry_from(const std::string& matrix, const std::string& range) {
  if (matrix != "bt601" && matrix != "bt709") throw SinkError("matrix is \"" + matrix + "\"; it is \"bt601\" or \"bt709\"");
  if (range != "limited" && range != "full") throw SinkError("range is \"" + range + "\"; it is \"limited\" or \"full\"");
  return {matrix == "bt601" ? Matrix::bt601 : Matrix::bt709, range == "full" ? Range::full : Range::limited};
}

}  // namespace skyline::bindings
