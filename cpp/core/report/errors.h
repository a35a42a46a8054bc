// What can go wrong, as C++ exceptions without Python in them.
//
// The bindings turn each into the class of the same name in skyline.errors.
#pragma once

#include <stdexcept>
#include <string>
#include <utility>

namespace skyline {

// The frame does not fit: what came, what is accepted, what to do.
class FrameError : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

// put before start, after stop, after fork.
class StateError : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

// An impossible combination found while building elements (unknown property, wrong value).
class SinkError : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

// An element this machine does not have.
class MissingElementError : public std::runtime_error {
 public:
  explicit MissingElementError(std::string element_name)
      : std::runtime_error("GStreamer has no element \"" + element_name + "\""),
        element(std::move(element_name)) {}
  std::string element;
};

// One error of the bus, secrets removed.
struct BusError {
  std::string element;      // the name of the element that failed, e.g. "filesink"
  std::string domain;       // "core", "library", "resource", "stream"
  int code = 0;             // GStreamer's code inside the domain
  std::string message;      // for people
  std::string debug;        // for us
  std::string description;  // launch text or the chain, for reading
};

inline BusError bus_error(std::string element, std::string domain, int code, std::string message,
                          std::string description = "") {
  return {std::move(element), std::move(domain), code, std::move(message), "", std::move(description)};
}

class PipelineError : public std::runtime_error {
 public:
  explicit PipelineError(BusError bus_error)
      : std::runtime_error(bus_error.element + ": " + bus_error.message), error(std::move(bus_error)) {}
  BusError error;
};

}  // namespace skyline
