#include "errors.h"

namespace skyline::bindings {
namespace py = pybind11;
namespace {

// Bytes from a file name or a plugin need not be UTF-8; a message must never fail for that.
py::str text(const std::string& bytes) {
  return py::reinterpret_steal<py::str>(PyUnicode_DecodeUTF8(bytes.data(), static_cast<Py_ssize_t>(bytes.size()), "replace"));
}

void raise(const char* kind, const std::string& message, const py::dict& fields) {
  const py::object error = py::module_::import("skyline.errors").attr("make_error")(kind, text(message), fields);
  PyErr_SetObject(py::type::handle_of(error).ptr(), error.ptr());
}

// NOLINTNEXTLINE(performance-unnecessary-value-param): pybind11 takes a function of this signature
void translate(std::exception_ptr thrown) {
  if (!thrown) return;
  try {
    std::rethrow_exception(thrown);
  } catch (const FrameError& error) {
    raise("FrameError", error.what(), py::dict());
  } catch (const StateError& error) {
    raise("StateError", error.what(), py::dict());
  } catch (const SinkError& error) {
    raise("SinkError", error.what(), py::dict());
  } catch (const MissingElementError& error) {
    py::dict fields;
    fields["element"] = text(error.element);
    raise("MissingElementError", error.what(), fields);
  } catch (const PipelineError& error) {
    raise("PipelineError", error.what(), as_dict(error.error));
  }
}

}  // namespace

py::dict as_dict(const BusError& error) {
  py::dict fields;
  fields["element"] = text(error.element);
  fields["domain"] = text(error.domain);
  fields["code"] = error.code;
  fields["message"] = text(error.message);
  fields["debug"] = text(error.debug);
  fields["description"] = text(error.description);
  return fields;
}

void register_errors(py::module_& /*module*/) { py::register_local_exception_translator(&translate); }

}  // namespace skyline::bindings
