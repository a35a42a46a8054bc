// Elements as data: what Python's pure functions decide and the core makes.
//
// No launch text anywhere on this road, so a file name can never become an element.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "gst/owned.h"

namespace skyline {

// A string sets a string property byte for byte; on an enum, flags, caps or structure property it
// is read as GStreamer reads it in a launch line.
using PropertyValue = std::variant<bool, std::int64_t, double, std::string>;

struct ElementSpec {
  std::string factory;  // "x264enc"
  std::vector<std::pair<std::string, PropertyValue>> properties;  // must exist
  std::vector<std::pair<std::string, PropertyValue>> if_supported;  // set where the element has them
  std::string name;     // "" lets the factory name serve
};

using ChainSpec = std::vector<ElementSpec>;

// Makes one element with its properties. Numbers are clamped to the property's range.
// Throws MissingElementError, or SinkError for a property or a value it does not have.
ElementPtr make_element(const ElementSpec& spec);  // floating reference already sunk

void set_property(GstElement* element, const std::string& name, const PropertyValue& value);

// Makes the elements, adds them to `bin` and links them in order. Returns them in that order;
// `bin` owns them, the owners here only share. Throws as make_element, or SinkError where two do not link.
std::vector<ElementPtr> add_chain(GstBin* bin, const ChainSpec& chain);

// "x264enc bitrate=2000 ! h264parse": for reading in errors, secrets removed.
std::string chain_text(const ChainSpec& chain);

}  // namespace skyline
