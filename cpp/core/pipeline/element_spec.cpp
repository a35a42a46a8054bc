#include "pipeline/element_spec.h"

#include <algorithm>
#include <limits>
#include <type_traits>

#include "report/errors.h"
#include "report/redact.h"

namespace skyline {
namespace {

std::string value_text(const PropertyValue& value) {
  return std::visit(
      [](const auto& v) -> std::string {
        using V = std::decay_t<decltype(v)>;
        if constexpr (std::is_same_v<V, bool>) return v ? "true" : "false";
        if constexpr (std::is_same_v<V, std::int64_t>) return std::to_string(v);
        if constexpr (std::is_same_v<V, double>) {
          char text[G_ASCII_DTOSTR_BUF_SIZE];
          return g_ascii_dtostr(text, sizeof text, v);
        }
        if constexpr (std::is_same_v<V, std::string>) return v;
      },
      value);
}

GParamSpec* find_property(GstElement* element, const std::string& name) {
  return g_object_class_find_property(G_OBJECT_GET_CLASS(element), name.c_str());
}

std::string factory_name(GstElement* element) {
  GstElementFactory* factory = gst_element_get_factory(element);
  return factory != nullptr ? GST_OBJECT_NAME(factory) : "element";
}

[[noreturn]] void refuse_value(GstElement* element, const std::string& name, const std::string& value, GParamSpec* spec) {
  const std::string shown = is_secret_name(name) ? "***" : redact(value);
  throw SinkError("\"" + shown + "\" is not a value of property \"" + name + "\" of " + factory_name(element) + ", which is a " +
                  g_type_name(G_PARAM_SPEC_VALUE_TYPE(spec)));
}

template <typename Spec>
std::int64_t clamp_to(std::int64_t value, const Spec* spec) {
  // Compared as 128 bits, so that a guint64 maximum stays above every int64.
  __extension__ using Wide = __int128;
  return static_cast<std::int64_t>(std::clamp<Wide>(value, static_cast<Wide>(spec->minimum), static_cast<Wide>(spec->maximum)));
}

std::int64_t clamp_integer(std::int64_t value, GParamSpec* spec) {
  if (G_IS_PARAM_SPEC_INT(spec)) return clamp_to(value, G_PARAM_SPEC_INT(spec));
  if (G_IS_PARAM_SPEC_UINT(spec)) return clamp_to(value, G_PARAM_SPEC_UINT(spec));
  if (G_IS_PARAM_SPEC_INT64(spec)) return clamp_to(value, G_PARAM_SPEC_INT64(spec));
  if (G_IS_PARAM_SPEC_UINT64(spec)) return clamp_to(value, G_PARAM_SPEC_UINT64(spec));
  return value;
}

bool is_number(GParamSpec* spec) {
  const GType type = G_TYPE_FUNDAMENTAL(G_PARAM_SPEC_VALUE_TYPE(spec));
  return type == G_TYPE_INT || type == G_TYPE_UINT || type == G_TYPE_INT64 || type == G_TYPE_UINT64 || type == G_TYPE_LONG ||
         type == G_TYPE_ULONG || type == G_TYPE_FLOAT || type == G_TYPE_DOUBLE;
}

}  // namespace

void set_property(GstElement* element, const std::string& name, const PropertyValue& value) {
  GParamSpec* spec = find_property(element, name);
  if (spec == nullptr) throw SinkError(factory_name(element) + " has no property \"" + name + "\"");
  if ((spec->flags & G_PARAM_WRITABLE) == 0) throw SinkError("property \"" + name + "\" of " + factory_name(element) + " can only be read");

  const auto* text = std::get_if<std::string>(&value);
  if (text != nullptr && G_PARAM_SPEC_VALUE_TYPE(spec) == G_TYPE_STRING) {
    if (text->find('\0') != std::string::npos) {
      throw SinkError("property \"" + name + "\" of " + factory_name(element) + " was given a zero byte, which would end it there; remove it");
    }
    // Byte for byte: GStreamer's own reader would take quotes and backslashes of a file name apart.
    g_object_set(element, name.c_str(), text->c_str(), nullptr);
    return;
  }
  PropertyValue clamped = value;
  if (auto* number = std::get_if<std::int64_t>(&clamped)) *number = clamp_integer(*number, spec);
  const std::string as_text = value_text(clamped);

  GValue parsed = G_VALUE_INIT;
  g_value_init(&parsed, G_PARAM_SPEC_VALUE_TYPE(spec));
  bool understood = gst_value_deserialize(&parsed, as_text.c_str()) != 0;
  // Validated first: g_object_set_property only warns, and leaves the property as it was. A number out of
  // range is clamped here; another kind of value that does not pass is none of the property's.
  if (understood && g_param_value_validate(spec, &parsed) != 0) understood = is_number(spec);
  if (understood) g_object_set_property(G_OBJECT(element), name.c_str(), &parsed);
  g_value_unset(&parsed);
  if (!understood) refuse_value(element, name, as_text, spec);
}

ElementPtr make_element(const ElementSpec& spec) {
  GstElement* made = gst_element_factory_make(spec.factory.c_str(), spec.name.empty() ? spec.factory.c_str() : spec.name.c_str());
  if (made == nullptr) throw MissingElementError(spec.factory);
  ElementPtr element = ElementPtr::adopt(GST_ELEMENT(gst_object_ref_sink(made)));
  for (const auto& [name, value] : spec.properties) set_property(made, name, value);
  for (const auto& [name, value] : spec.if_supported) {
    if (find_property(made, name) != nullptr) set_property(made, name, value);
  }
  return element;
}

std::vector<ElementPtr> add_chain(GstBin* bin, const ChainSpec& chain) {
  std::vector<ElementPtr> elements;
  for (const ElementSpec& spec : chain) {
    ElementPtr element = make_element(spec);
    // A chain may hold the same element twice, and a bin refuses the second of a name.
    if (ElementPtr::adopt(gst_bin_get_by_name(bin, GST_OBJECT_NAME(element.get())))) {
      const std::string unique = spec.factory + "-" + std::to_string(elements.size());
      gst_object_set_name(GST_OBJECT(element.get()), unique.c_str());
    }
    gst_bin_add(bin, element.get());
    if (!elements.empty() && gst_element_link(elements.back().get(), element.get()) == 0) {
      throw SinkError(chain[elements.size() - 1].factory + " does not link to " + spec.factory + ": their caps have nothing in common");
    }
    elements.push_back(std::move(element));
  }
  return elements;
}

std::string chain_text(const ChainSpec& chain) {
  std::string text;
  for (const ElementSpec& spec : chain) {
    if (!text.empty()) text += " ! ";
    text += spec.factory;
    // By name: a value that holds a blank or a comma has no end that a reader of the text could find.
    for (const auto& [name, value] : spec.properties) text += " " + name + "=" + (is_secret_name(name) ? "***" : redact(value_text(value)));
  }
  return text;
}

}  // namespace skyline
