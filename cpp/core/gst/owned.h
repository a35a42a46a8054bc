// Owners for every GStreamer and GLib handle the core touches.
//
// Each owner releases exactly once, in its destructor. `adopt` takes a reference that was
// transferred to us (transfer full); `share` takes one of our own (transfer none).
#pragma once

#include <gst/app/gstappsink.h>
#include <gst/app/gstappsrc.h>
#include <gst/gst.h>
#include <gst/video/video.h>

#include <memory>
#include <string>
#include <utility>

namespace skyline {

template <typename T>
struct HandleTraits;

#define SKYLINE_HANDLE(TYPE, REF, UNREF)                            \
  template <>                                                       \
  struct HandleTraits<TYPE> {                                       \
    static TYPE* ref(TYPE* handle) {                                \
      return reinterpret_cast<TYPE*>(REF(handle));                  \
    }                                                               \
    static void unref(TYPE* handle) noexcept { UNREF(handle); }     \
  }

SKYLINE_HANDLE(GstElement, gst_object_ref, gst_object_unref);
SKYLINE_HANDLE(GstElementFactory, gst_object_ref, gst_object_unref);
SKYLINE_HANDLE(GstPluginFeature, gst_object_ref, gst_object_unref);
SKYLINE_HANDLE(GstPlugin, gst_object_ref, gst_object_unref);
SKYLINE_HANDLE(GstPad, gst_object_ref, gst_object_unref);
SKYLINE_HANDLE(GstBus, gst_object_ref, gst_object_unref);
SKYLINE_HANDLE(GstClock, gst_object_ref, gst_object_unref);
SKYLINE_HANDLE(GstBufferPool, gst_object_ref, gst_object_unref);
SKYLINE_HANDLE(GstBuffer, gst_buffer_ref, gst_buffer_unref);
SKYLINE_HANDLE(GstCaps, gst_caps_ref, gst_caps_unref);
SKYLINE_HANDLE(GstSample, gst_sample_ref, gst_sample_unref);
SKYLINE_HANDLE(GstMessage, gst_message_ref, gst_message_unref);
SKYLINE_HANDLE(GstEvent, gst_event_ref, gst_event_unref);
SKYLINE_HANDLE(GstQuery, gst_query_ref, gst_query_unref);

#undef SKYLINE_HANDLE

template <typename T>
class Owned {
 public:
  Owned() = default;
  ~Owned() { reset(); }
  Owned(const Owned& other) : handle_(other.handle_ ? HandleTraits<T>::ref(other.handle_) : nullptr) {}
  Owned(Owned&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Owned& operator=(Owned other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }

  static Owned adopt(T* handle) noexcept {  // transfer full
    Owned owned;
    owned.handle_ = handle;
    return owned;
  }
  static Owned share(T* handle) {  // transfer none
    return adopt(handle ? HandleTraits<T>::ref(handle) : nullptr);
  }

  T* get() const noexcept { return handle_; }
  T* release() noexcept { return std::exchange(handle_, nullptr); }  // transfer full, to the caller
  void reset() noexcept {
    if (handle_ != nullptr) HandleTraits<T>::unref(std::exchange(handle_, nullptr));
  }
  explicit operator bool() const noexcept { return handle_ != nullptr; }

 private:
  T* handle_ = nullptr;
};

using ElementPtr = Owned<GstElement>;
using FactoryPtr = Owned<GstElementFactory>;
using PadPtr = Owned<GstPad>;
using BusPtr = Owned<GstBus>;
using ClockPtr = Owned<GstClock>;
using PoolPtr = Owned<GstBufferPool>;
using BufferPtr = Owned<GstBuffer>;
using CapsPtr = Owned<GstCaps>;
using SamplePtr = Owned<GstSample>;
using MessagePtr = Owned<GstMessage>;
using EventPtr = Owned<GstEvent>;
using QueryPtr = Owned<GstQuery>;

struct GFree {
  void operator()(void* memory) const noexcept { g_free(memory); }
};
struct GErrorFree {
  void operator()(GError* error) const noexcept { g_error_free(error); }
};
using GErrorPtr = std::unique_ptr<GError, GErrorFree>;

// Text that GLib allocated, as a std::string; null gives "".
inline std::string take_string(gchar* text) {  // transfer full
  const std::unique_ptr<gchar, GFree> owner(text);
  return text != nullptr ? std::string(text) : std::string();
}

}  // namespace skyline
