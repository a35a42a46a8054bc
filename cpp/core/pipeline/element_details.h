// What gst-inspect tells of an element, as data: for people who have no gst-inspect, and for elements it cannot see.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace skyline {

struct PropertyDetails {
  std::string name;                  // "bitrate"
  std::string type;                  // "guint", "GstX264EncPreset"
  std::string value;                 // by default, as launch text has it; "" where there is none
  std::string range;                 // "0 - 100" of a number; "" otherwise
  std::vector<std::string> choices;  // of an enum or flags
  std::vector<std::string> flags;  // "readable", "writable", "construct-only", "deprecated", "controllable", "playing"
  std::string owner;  // the type that brings it: "GstX264Enc", "GstObject"
  std::string blurb;
};

struct SignalDetails {
  std::string name;  // "need-data"
  std::string returns;  // "void"
  std::vector<std::string> parameters;  // types, without the element itself
  bool is_action = false;  // emitted by the application
};

struct CapsDetails {
  std::string media;  // "video/x-raw", with its features where they are not system memory
  std::vector<std::pair<std::string, std::vector<std::string>>> fields;  // each with all that it may be
};

struct PadDetails {
  std::string name;  // "sink", "src_%u"
  std::string direction;  // "sink", "src"
  std::string presence;  // "always", "sometimes", "request"
  std::vector<CapsDetails> caps;  // none: any
};

struct ElementDetails {
  std::string name, long_name, klass, description, author;
  std::string plugin, version;  // "" for an element that is registered by this process itself
  unsigned rank = 0;
  std::vector<PadDetails> pads;
  std::vector<PropertyDetails> properties;
  std::vector<SignalDetails> signals;
};

// Nothing where neither the registry nor this process has it. Loads its plugin, makes no element. Any thread.
std::optional<ElementDetails> element_details(const std::string& factory_name);

}  // namespace skyline
