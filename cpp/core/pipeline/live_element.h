// An element of a pipeline that may run: its properties, and key units from it.
//
// av1enc (libaom) reconfigures itself on the thread that sets a property, without a lock against the one that
// encodes. So a wish waits at the element's own door and is done by the streaming thread, between two buffers.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "gst/owned.h"

namespace skyline {

// Names an element without keeping it: what runs may end meanwhile. Any thread.
class WeakElement {
 public:
  WeakElement() { g_weak_ref_init(&reference_, nullptr); }
  ~WeakElement() { g_weak_ref_clear(&reference_); }
  WeakElement(const WeakElement&) = delete;
  WeakElement& operator=(const WeakElement&) = delete;
  void set(GstElement* element) { g_weak_ref_set(&reference_, element); }
  ElementPtr get() const { return ElementPtr::adopt(static_cast<GstElement*>(g_weak_ref_get(&reference_))); }

 private:
  mutable GWeakRef reference_{};
};

class LiveElement {
 public:
  explicit LiveElement(ElementPtr element) : element_(std::move(element)) {}

  GstElement* get() const { return element_.get(); }
  std::string name() const;
  std::string factory() const;
  // As text, an enum by its nick; nothing where it has no such property.
  std::optional<std::string> property(const std::string& name) const;
  // Before the next buffer enters, or at once where it does not run. Several changes before one buffer are
  // made together, the last value of a property wins. Never waits. Throws SinkError for a property it lacks.
  void change(const std::string& name, std::int64_t value) const;
  // The first buffer from this running time on becomes a key unit, where the element listens; but not before
  // it has given its first one (GStreamer up to 1.24 then takes x264enc's and x265enc's times, which begin at
  // 1000 hours, for running times, and ignores every later request). Never waits.
  void force_key_unit(std::int64_t running_time_ns) const;

 private:
  ElementPtr element_;
};

// The elements of `bin`, at any depth, that encode pictures; in no order.
std::vector<LiveElement> find_encoders(GstBin* bin);

}  // namespace skyline
