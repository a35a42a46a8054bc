// Tells ThreadSanitizer what it cannot see: GLib's futex locks order our hand-over to GStreamer and back.
#pragma once

#if defined(__SANITIZE_THREAD__)
#define SKYLINE_THREAD_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define SKYLINE_THREAD_SANITIZER 1
#endif
#endif

#ifdef SKYLINE_THREAD_SANITIZER
extern "C" void __tsan_acquire(void* address);
extern "C" void __tsan_release(void* address);
#define SKYLINE_TSAN_ACQUIRE(address) __tsan_acquire(address)
#define SKYLINE_TSAN_RELEASE(address) __tsan_release(address)
#else
#define SKYLINE_TSAN_ACQUIRE(address) static_cast<void>(0)
#define SKYLINE_TSAN_RELEASE(address) static_cast<void>(0)
#endif
