#include <pybind11/stl.h>

#include "frame/frame_convert.h"
#include "gil.h"
#include "output/recipe.h"
#include "pipeline/element_details.h"
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

py::list dicts_of(const std::vector<PropertyDetails>& properties) {
  py::list dicts;
  for (const auto& one : properties) {
    dicts.append(py::dict(py::arg("name") = one.name, py::arg("type") = one.type, py::arg("value") = text_of(one.value),
                          py::arg("range") = one.range, py::arg("choices") = one.choices, py::arg("flags") = one.flags,
                          py::arg("owner") = one.owner, py::arg("blurb") = text_of(one.blurb)));
  }
  return dicts;
}

py::list dicts_of(const std::vector<SignalDetails>& signals) {
  py::list dicts;
  for (const auto& one : signals) {
    dicts.append(py::dict(py::arg("name") = one.name, py::arg("returns") = one.returns, py::arg("parameters") = one.parameters,
                          py::arg("is_action") = one.is_action));
  }
  return dicts;
}

py::list dicts_of(const std::vector<PadDetails>& pads) {
  py::list dicts;
  for (const auto& pad : pads) {
    py::list caps;
    for (const auto& [media, fields] : pad.caps) {
      py::dict allowed;
      for (const auto& [name, values] : fields) allowed[name.c_str()] = values;
      caps.append(py::dict(py::arg("media") = media, py::arg("fields") = allowed));
    }
    dicts.append(py::dict(py::arg("name") = pad.name, py::arg("direction") = pad.direction, py::arg("presence") = pad.presence,
                          py::arg("caps") = caps));
  }
  return dicts;
}

std::optional<py::dict> details_of(const std::string& name) {
  std::optional<ElementDetails> details;
  {
    // Safe to release: loading a plugin touches no Python object and may take seconds.
    const released_gil unlocked;
    details = element_details(name);
  }
  if (!details) return std::nullopt;
  return py::dict(py::arg("name") = details->name, py::arg("long_name") = text_of(details->long_name),
                  py::arg("klass") = details->klass, py::arg("description") = text_of(details->description),
                  py::arg("author") = text_of(details->author), py::arg("plugin") = details->plugin,
                  py::arg("version") = details->version, py::arg("rank") = details->rank, py::arg("pads") = dicts_of(details->pads),
                  py::arg("properties") = dicts_of(details->properties), py::arg("signals") = dicts_of(details->signals));
}

py::dict kernel_pairs() {
  py::dict pairs;
  for (int from = 0; from < kFormatCount; ++from) {
    py::list targets;
    for (int to = 0; to < kFormatCount; ++to) {
      const bool is_conversion = from != to && can_convert(static_cast<Format>(from), static_cast<Format>(to));
      if (is_conversion) targets.append(format_name(static_cast<Format>(to)));
    }
    pairs[format_name(static_cast<Format>(from))] = targets;
  }
  return pairs;
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

  module.def("element_details", &details_of, py::arg("name"));
  module.def("kernel_pairs", &kernel_pairs);

  py::class_<ElementSpec>(module, "ElementSpec")
      .def(py::init([](std::string factory, const py::dict& properties, const py::dict& if_supported, std::string name) {
             return ElementSpec{std::move(factory), properties_from(properties), properties_from(if_supported), std::move(name)};
           }),
           py::arg("factory"), py::arg("properties") = py::dict(), py::arg("if_supported") = py::dict(), py::arg("name") = "")
      .def_readonly("factory", &ElementSpec::factory)
      .def_readonly("name", &ElementSpec::name);

  py::class_<Retry>(module, "Retry")
      .def(py::init([](std::int64_t first_ns, std::int64_t most_ns, std::optional<int> max_retries) {
             return Retry{first_ns, most_ns, max_retries.value_or(-1)};
           }),
           py::kw_only(), py::arg("first_ns"), py::arg("most_ns"), py::arg("max_retries") = py::none());

  py::class_<Recipe>(module, "Recipe")
      .def(py::init([](const py::str& name, ChainSpec chain, const py::bytes& location,
                       const std::optional<std::tuple<py::bytes, unsigned, py::bytes>>& part_names, std::int64_t part_ns,
                       std::uint64_t part_bytes, bool own_zero, bool waits, std::size_t max_units, std::size_t max_bytes,
                       const std::optional<Retry>& retry, std::int64_t linger_ns, ChainSpec silence,
                       std::size_t datagram_bytes, std::string hint,
                       const std::optional<std::tuple<py::bytes, std::size_t, std::size_t>>& playlist) {
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
             if (playlist) recipe.playlist = {std::string(std::get<0>(*playlist)), std::get<1>(*playlist), std::get<2>(*playlist)};
             recipe.retry = retry;
             recipe.linger_ns = linger_ns;
             recipe.silence = std::move(silence);
             recipe.datagram_bytes = datagram_bytes;
             recipe.hint = std::move(hint);
             return recipe;
           }),
           py::kw_only(), py::arg("name"), py::arg("chain"), py::arg("location") = py::bytes(), py::arg("part_names") = py::none(),
           py::arg("part_ns") = 0, py::arg("part_bytes") = 0, py::arg("own_zero") = true, py::arg("waits") = false,
           py::arg("max_units") = 0, py::arg("max_bytes") = 0, py::arg("retry") = py::none(),
           py::arg("linger_ns") = 0, py::arg("silence") = ChainSpec(), py::arg("datagram_bytes") = 0,
           py::arg("hint") = "", py::arg("playlist") = py::none());
}

}  // namespace skyline::bindings
