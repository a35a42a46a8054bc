// Lets AddressSanitizer see what it cannot: GStreamer's SIMD readers are not instrumented, so a frame freed
// while it is lent would be read unnoticed.
#pragma once

#include <gst/gst.h>

#if defined(__SANITIZE_ADDRESS__)
#define SKYLINE_ADDRESS_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SKYLINE_ADDRESS_SANITIZER 1
#endif
#endif

#ifdef SKYLINE_ADDRESS_SANITIZER
extern "C" void* __asan_region_is_poisoned(void* begin, size_t size);
#endif

namespace skyline {

// When GStreamer lets go of `buffer`'s memory, looks whether all of it is still there. Nothing outside ASan builds.
inline void expect_alive_until_released([[maybe_unused]] GstBuffer* buffer, [[maybe_unused]] void* memory,
                                        [[maybe_unused]] gsize bytes) {
#ifdef SKYLINE_ADDRESS_SANITIZER
  struct Region {
    void* begin;
    gsize size;
  };
  gst_mini_object_weak_ref(
      GST_MINI_OBJECT_CAST(gst_buffer_peek_memory(buffer, 0)),
      [](gpointer data, GstMiniObject*) {
        auto* region = static_cast<Region*>(data);
        const volatile void* poisoned = __asan_region_is_poisoned(region->begin, region->size);
        if (poisoned != nullptr)
          static_cast<void>(*static_cast<const volatile char*>(poisoned));  // ASan reports this read
        delete region;
      },
      new Region{memory, bytes});
#endif
}

}  // namespace skyline
