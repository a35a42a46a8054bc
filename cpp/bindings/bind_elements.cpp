#include <pybind11/stl.h>

#include "output/recipe.h"
#include "pipeline/element_spec.h"
#include "pipeline/live_element.h"
#include "subjects.h"
#include "text.h"
#include "waiting.h"

namespace skyline::bindings {
namespace py = pybind11;
namespace {

using Properties = std::vector<std::pair<std::string, PropertyValue>>;

// str is passed as UTF-8, bytes as they are: a file name need not be text.
PropertyValue property_value(py::handle value) {
  if (py::isinstance<py::bool_>(value)) return py::cast<bool>(value);
  if (py::isinstance<py::int_>(value)) return py::cast<std::int64_t>(value);
  if (py::isinstance<py::float_>(value)) return py::cast<double>(value);
  return py::cast<std::string>(value);
}

Properties properties_from(const py::dict& dict) {
  Properties properties;
  for (const auto& [name, value] : dict) properties.emplace_back(py::cast<std::string>(name), property_value(value));
  return properties;
}

std::optional<PartNames> part_names_from(const std::optional<std::tuple<py::bytes, unsigned, py::bytes>>& names) {
  if (!names) return std::nullopt;
  PartNames parts;
  parts.prefix = std::string(std::get<0>(*names));
  parts.digits = std::get<1>(*names);
  parts.suffix = std::string(std::get<2>(*names));
  return parts;
}

}  // namespace

void bind_elements(py::module_& module) {
  py::class_<LiveElement>(module, "LiveElement")
      .def_property_readonly("name", &LiveElement::name)
      .def_property_readonly("factory", &LiveElement::factory)
      .def(
          "property",
          [](const LiveElement& element, const std::string& name) {
            enter();
            // Safe to release: an element may keep its lock while it encodes, and knows no Python.
            const released_gil unlocked;
            return element.property(name);
          },
          py::arg("name"))
      .def(
          "change",
          [](const LiveElement& element, const std::string& name, std::int64_t value) {
            enter();
            // Safe to release: as for reading.
            const released_gil unlocked;
            element.change(name, value);
          },
          py::arg("name"), py::arg("value"));

  py::class_<ElementSpec>(module, "ElementSpec")
      .def(py::init([](std::string factory, const py::dict& properties, const py::dict& if_supported, std::string name) {
             return ElementSpec{std::move(factory), properties_from(properties), properties_from(if_supported), std::move(name)};
           }),
           py::arg("factory"), py::arg("properties") = py::dict(), py::arg("if_supported") = py::dict(), py::arg("name") = "")
      .def_readonly("factory", &ElementSpec::factory)
      .def_readonly("name", &ElementSpec::name);

  py::class_<Recipe>(module, "Recipe")
      .def(py::init([](const py::str& name, ChainSpec chain, const py::bytes& location,
                       const std::optional<std::tuple<py::bytes, unsigned, py::bytes>>& part_names, std::int64_t part_ns,
                       std::uint64_t part_bytes, bool own_zero, bool waits, std::size_t max_units, std::size_t max_bytes) {
             Recipe recipe;
             recipe.name = bytes_of(name);
             recipe.chain = std::move(chain);
             recipe.location = std::string(location);
             recipe.parts = part_names_from(part_names);
             recipe.part_ns = part_ns;
             recipe.part_bytes = part_bytes;
             recipe.own_zero = own_zero;
             recipe.waits = waits;
             recipe.bounds = {max_units, max_bytes};
             return recipe;
           }),
           py::kw_only(), py::arg("name"), py::arg("chain"), py::arg("location") = py::bytes(), py::arg("part_names") = py::none(),
           py::arg("part_ns") = 0, py::arg("part_bytes") = 0, py::arg("own_zero") = true, py::arg("waits") = false,
           py::arg("max_units") = 0, py::arg("max_bytes") = 0);
}

}  // namespace skyline::bindings
