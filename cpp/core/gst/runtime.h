// GStreamer's start in this process, and what a fork does to it.
#pragma once

#include <string>

namespace skyline {

// Initialises GStreamer on first use (never at import). Any thread.
// Throws StateError in a child forked after first use: GStreamer does not survive fork.
void ensure_runtime();

// True in a child that was forked after first use. Destructors then leak on purpose.
bool forked_after_use() noexcept;
// Throws StateError where forked_after_use().
void refuse_after_fork();

std::string gstreamer_version();  // "1.22.0"

struct ElementInfo {
  std::string name;      // "x264enc"
  std::string plugin;    // "x264"
  std::string version;   // of the plugin, "1.22.0"
  std::string klass;     // "Codec/Encoder/Video"
  unsigned rank = 0;     // GST_PLUGIN_FEATURE_RANK already applied by GStreamer
};

// Empty name where the registry has no such element.
ElementInfo find_element(const std::string& factory_name);

// For leak checks only: ends GStreamer in this process for good.
void deinit_runtime();

}  // namespace skyline
