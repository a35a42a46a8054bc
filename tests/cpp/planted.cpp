// Bugs planted on purpose: script/sanitize runs each and fails where its sanitizer does not find it.
//
//   planted use-after-free | signed-overflow | float-cast | race | leaked-buffer | leaked-memory
#include <cstdio>
#include <limits>
#include <string>
#include <thread>

#include "gst/runtime.h"
#include "lanes.h"

using namespace skyline;

namespace {

// What the compiler must not know.
template <typename T>
T hidden(T value) {
  volatile T copy = value;
  return copy;
}

// An owner that forgets its frame at once, as a binding would that holds no Py_buffer. The readers are
// videoconvert's and x264's SIMD code, which no sanitizer sees.
void use_after_free() {
  struct Forgetful : Lent {};
  const auto lane =
      described_lane("appsrc ! videoconvert ! video/x-raw,format=NV12 ! x264enc tune=zerolatency ! fakesink");
  lane->start({160, 120});
  for (int n = 0; n < 10; ++n) {
    auto frame = std::make_unique<NumberedFrame>(n);
    const FrameLayout layout = frame->layout();
    lane->intake().lend(layout, std::make_unique<Forgetful>(), {}, Deadline::in_seconds(10), {});
    frame.reset();
  }
  stop(*lane);
}

void signed_overflow() {
  const int pixels = hidden(std::numeric_limits<int>::max()) + hidden(1);
  std::printf("%d\n", pixels);
}

void float_cast() {
  const auto level = static_cast<unsigned char>(hidden(3e9));
  std::printf("%d\n", level);
}

void race() {
  int frames = 0;
  std::thread other([&] { ++frames; });
  ++frames;
  other.join();
  std::printf("%d\n", frames);
}

void leaked_buffer() {
  ensure_runtime();
  BufferPtr buffer = BufferPtr::adopt(gst_buffer_new_allocate(nullptr, 12345, nullptr));
  static_cast<void>(buffer.release());
  deinit_runtime();
}

void leaked_memory() {
  unsigned char* volatile memory = new unsigned char[12345];  // volatile, or the optimiser leaves it all out
  memory[0] = 1;
  memory = nullptr;
  // Over the stack slots and registers that still hold the pointer.
  volatile unsigned char over[4096];
  for (auto& byte : over) byte = 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string bug = argc > 1 ? argv[1] : "";
  if (bug == "use-after-free")
    use_after_free();
  else if (bug == "signed-overflow")
    signed_overflow();
  else if (bug == "float-cast")
    float_cast();
  else if (bug == "race")
    race();
  else if (bug == "leaked-buffer")
    leaked_buffer();
  else if (bug == "leaked-memory")
    leaked_memory();
  else
    return 2;
  return 0;
}
