#include "pipeline/element_details.h"

#include <memory>

#include "frame/sky_convert.h"
#include "gst/owned.h"
#include "gst/runtime.h"

namespace skyline {
namespace {

struct ClassUnref {
  void operator()(gpointer type) const noexcept { g_type_class_unref(type); }
};
using ClassPtr = std::unique_ptr<GObjectClass, ClassUnref>;

std::string text_of(const char* text) { return text != nullptr ? text : ""; }

std::string text_of(const GValue* value) {
  if (G_VALUE_HOLDS_STRING(value)) return text_of(g_value_get_string(value));
  // An object, or a boxed value that is not there: GStreamer writes out neither.
  const bool is_nothing = g_value_fits_pointer(value) != FALSE && g_value_peek_pointer(value) == nullptr;
  if (is_nothing || G_VALUE_HOLDS_OBJECT(value)) return "";
  return take_string(gst_value_serialize(value));
}

std::string number(double value) {
  char text[G_ASCII_DTOSTR_BUF_SIZE];
  return g_ascii_formatd(text, sizeof text, "%.6g", value);
}

template <typename Spec>
std::string range_between(const Spec* spec) {
  return std::to_string(spec->minimum) + " - " + std::to_string(spec->maximum);
}

std::string range_of(GParamSpec* spec) {
  if (G_IS_PARAM_SPEC_INT(spec)) return range_between(G_PARAM_SPEC_INT(spec));
  if (G_IS_PARAM_SPEC_UINT(spec)) return range_between(G_PARAM_SPEC_UINT(spec));
  if (G_IS_PARAM_SPEC_INT64(spec)) return range_between(G_PARAM_SPEC_INT64(spec));
  if (G_IS_PARAM_SPEC_UINT64(spec)) return range_between(G_PARAM_SPEC_UINT64(spec));
  if (G_IS_PARAM_SPEC_FLOAT(spec)) {
    return number(G_PARAM_SPEC_FLOAT(spec)->minimum) + " - " + number(G_PARAM_SPEC_FLOAT(spec)->maximum);
  }
  if (G_IS_PARAM_SPEC_DOUBLE(spec)) {
    return number(G_PARAM_SPEC_DOUBLE(spec)->minimum) + " - " + number(G_PARAM_SPEC_DOUBLE(spec)->maximum);
  }
  return "";
}

std::vector<std::string> choices_of(GParamSpec* spec) {
  std::vector<std::string> choices;
  if (G_IS_PARAM_SPEC_ENUM(spec)) {
    const GEnumClass* type = G_PARAM_SPEC_ENUM(spec)->enum_class;
    for (guint index = 0; index < type->n_values; ++index) choices.emplace_back(type->values[index].value_nick);
  }
  if (G_IS_PARAM_SPEC_FLAGS(spec)) {
    const GFlagsClass* type = G_PARAM_SPEC_FLAGS(spec)->flags_class;
    for (guint index = 0; index < type->n_values; ++index) choices.emplace_back(type->values[index].value_nick);
  }
  return choices;
}

std::vector<std::string> flags_of(GParamSpec* spec) {
  constexpr std::pair<int, const char*> known[] = {{G_PARAM_READABLE, "readable"},
                                                   {G_PARAM_WRITABLE, "writable"},
                                                   {G_PARAM_CONSTRUCT_ONLY, "construct-only"},
                                                   {static_cast<int>(G_PARAM_DEPRECATED), "deprecated"},
                                                   {GST_PARAM_CONTROLLABLE, "controllable"},
                                                   {GST_PARAM_MUTABLE_PLAYING, "playing"}};
  std::vector<std::string> flags;
  for (const auto& [flag, name] : known) {
    if ((static_cast<int>(spec->flags) & flag) == flag) flags.emplace_back(name);
  }
  return flags;
}

std::vector<PropertyDetails> properties_of(GObjectClass* type) {
  guint count = 0;
  const std::unique_ptr<GParamSpec*, GFree> specs(g_object_class_list_properties(type, &count));
  std::vector<PropertyDetails> properties;
  for (guint index = 0; index < count; ++index) {
    GParamSpec* spec = specs.get()[index];
    PropertyDetails property;
    property.name = spec->name;
    property.type = g_type_name(G_PARAM_SPEC_VALUE_TYPE(spec));
    property.value = text_of(g_param_spec_get_default_value(spec));
    property.range = range_of(spec);
    property.choices = choices_of(spec);
    property.flags = flags_of(spec);
    property.owner = g_type_name(spec->owner_type);
    property.blurb = text_of(g_param_spec_get_blurb(spec));
    properties.push_back(std::move(property));
  }
  return properties;
}

// Its own and those of its bases, as far as these are not every element's.
std::vector<SignalDetails> signals_of(GType type) {
  std::vector<SignalDetails> signals;
  for (; type != GST_TYPE_ELEMENT && type != GST_TYPE_BIN && type != 0; type = g_type_parent(type)) {
    guint count = 0;
    const std::unique_ptr<guint, GFree> ids(g_signal_list_ids(type, &count));
    for (guint index = 0; index < count; ++index) {
      GSignalQuery query;
      g_signal_query(ids.get()[index], &query);
      SignalDetails signal;
      signal.name = query.signal_name;
      signal.returns = g_type_name(query.return_type);
      signal.is_action = (query.signal_flags & G_SIGNAL_ACTION) != 0;
      for (guint at = 0; at < query.n_params; ++at) signal.parameters.emplace_back(g_type_name(query.param_types[at]));
      signals.push_back(std::move(signal));
    }
  }
  return signals;
}

CapsDetails caps_details(const GstStructure* structure, const GstCapsFeatures* features) {
  CapsDetails details;
  details.media = gst_structure_get_name(structure);
  const bool is_any = features != nullptr && gst_caps_features_is_any(features) != FALSE;  // equal to every other
  const bool is_plain =
      features == nullptr || gst_caps_features_is_equal(features, GST_CAPS_FEATURES_MEMORY_SYSTEM_MEMORY);
  if (is_any || !is_plain) details.media += "(" + take_string(gst_caps_features_to_string(features)) + ")";
  for (int index = 0; index < gst_structure_n_fields(structure); ++index) {
    const char* name = gst_structure_nth_field_name(structure, static_cast<guint>(index));
    const GValue* value = gst_structure_get_value(structure, name);
    std::vector<std::string> allowed;
    if (GST_VALUE_HOLDS_LIST(value)) {
      for (guint at = 0; at < gst_value_list_get_size(value); ++at)
        allowed.push_back(text_of(gst_value_list_get_value(value, at)));
    } else {
      allowed.push_back(text_of(value));
    }
    details.fields.emplace_back(name, std::move(allowed));
  }
  return details;
}

PadDetails pad_details(GstStaticPadTemplate* pad) {
  PadDetails details;
  details.name = pad->name_template;
  details.direction = pad->direction == GST_PAD_SINK ? "sink" : "src";
  details.presence = pad->presence == GST_PAD_ALWAYS    ? "always"
                     : pad->presence == GST_PAD_REQUEST ? "request"
                                                        : "sometimes";
  const CapsPtr caps = CapsPtr::adopt(gst_static_pad_template_get_caps(pad));
  for (guint index = 0; gst_caps_is_any(caps.get()) == FALSE && index < gst_caps_get_size(caps.get()); ++index) {
    details.caps.push_back(
        caps_details(gst_caps_get_structure(caps.get(), index), gst_caps_get_features(caps.get(), index)));
  }
  return details;
}

}  // namespace

std::optional<ElementDetails> element_details(const std::string& factory_name) {
  ensure_runtime();
  register_sky_convert();
  const FactoryPtr known = FactoryPtr::adopt(gst_element_factory_find(factory_name.c_str()));
  if (!known) return std::nullopt;
  GstPluginFeature* loaded_feature = gst_plugin_feature_load(GST_PLUGIN_FEATURE(known.get()));
  if (loaded_feature == nullptr) return std::nullopt;  // the plugin's file is gone or does not load
  const FactoryPtr factory = FactoryPtr::adopt(GST_ELEMENT_FACTORY(loaded_feature));
  const auto metadata = [&](const char* key) { return text_of(gst_element_factory_get_metadata(factory.get(), key)); };
  ElementDetails details;
  details.name = factory_name;
  details.long_name = metadata(GST_ELEMENT_METADATA_LONGNAME);
  details.klass = metadata(GST_ELEMENT_METADATA_KLASS);
  details.description = metadata(GST_ELEMENT_METADATA_DESCRIPTION);
  details.author = metadata(GST_ELEMENT_METADATA_AUTHOR);
  details.rank = gst_plugin_feature_get_rank(loaded_feature);
  if (const auto plugin = Owned<GstPlugin>::adopt(gst_plugin_feature_get_plugin(loaded_feature))) {
    details.plugin = gst_plugin_get_name(plugin.get());
    details.version = gst_plugin_get_version(plugin.get());
  }
  for (const GList* pad = gst_element_factory_get_static_pad_templates(factory.get()); pad != nullptr;
       pad = pad->next) {
    details.pads.push_back(pad_details(static_cast<GstStaticPadTemplate*>(pad->data)));
  }
  const GType type = gst_element_factory_get_element_type(factory.get());
  const ClassPtr element_class(static_cast<GObjectClass*>(g_type_class_ref(type)));
  details.properties = properties_of(element_class.get());
  details.signals = signals_of(type);
  return details;
}

}  // namespace skyline
