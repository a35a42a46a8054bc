// Which kernel converts: the best that this machine runs, unless somebody asked for another.
#include <atomic>
#include <cstdlib>
#include <string>

#include "frame/band_kernel.h"
#include "frame/frame_convert.h"
#include "report/errors.h"

namespace skyline {
namespace {

constexpr Kernel kPlain{"plain", &convert_band_plain};

const Kernel& kernel_named(const std::string& name, const std::string& what) {
  if (name == kPlain.target) return kPlain;
  std::string accepted = kPlain.target;
  for (const Kernel& kernel : simd_kernels()) {
    if (name == kernel.target) return kernel;
    accepted += std::string(" ") + kernel.target;
  }
  throw SinkError(what + " is \"" + name + "\", this machine has: " + accepted);
}

// Read once. A name that is unknown is refused by every call: a conversion that is slower than what
// was asked for would go unnoticed.
const Kernel& default_kernel() {
  static const Kernel& kernel = []() -> const Kernel& {
    const char* asked = std::getenv("SKYLINE_SIMD");
    if (asked != nullptr && *asked != '\0') return kernel_named(asked, "the environment variable SKYLINE_SIMD");
    return simd_kernels().empty() ? kPlain : simd_kernels().front();
  }();
  return kernel;
}

std::atomic<const Kernel*> forced_kernel{nullptr};  // null: the default

}  // namespace

const Kernel& kernel_in_use() {
  const Kernel* forced = forced_kernel.load(std::memory_order_relaxed);
  return forced != nullptr ? *forced : default_kernel();
}

std::vector<std::string> simd_targets() {
  std::vector<std::string> names;
  for (const Kernel& kernel : simd_kernels()) names.emplace_back(kernel.target);
  return names;
}

std::string simd_target_in_use() { return kernel_in_use().target; }

void use_simd_target(const std::string& name) {
  forced_kernel.store(name.empty() ? nullptr : &kernel_named(name, "SIMD target"), std::memory_order_relaxed);
}

}  // namespace skyline
