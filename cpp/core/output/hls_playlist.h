// The text of an HLS playlist (RFC 8216) and which files it still needs. No files, no GStreamer.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

namespace skyline {

struct HlsSegment {
  std::string name;               // of the file, beside the playlist
  std::int64_t duration_ns = 0;
  std::int64_t wall_us = 0;       // of its first unit, since 1970
  bool is_discontinuous = false;  // times or caps do not go on from the segment before
};

// What an earlier stream left in the same place.
struct HlsPast {
  std::uint64_t next_number = 0;      // media sequence number after its last segment
  std::uint64_t discontinuities = 0;  // up to there
  std::vector<std::string> names;     // its segments, oldest first
  bool has_ended = false;
};

// Not thread-safe: the control thread's.
class HlsPlaylist {
 public:
  struct Settings {
    std::size_t length = 6;       // segments listed; 0 lists all and gives none up
    std::size_t keep_extra = 7;   // segments kept after they left the list
    std::int64_t target_ns = 0;   // the least TARGETDURATION
  };

  HlsPlaylist(Settings settings, HlsPast past);

  // Lists one more, behind the others. Returns the names of files that nobody needs any more.
  std::vector<std::string> add(HlsSegment segment);
  bool empty() const { return listed_.empty(); }
  // The whole file. `is_over`: no segment comes after.
  std::string text(bool is_over) const;

 private:
  const Settings settings_;
  std::deque<HlsSegment> listed_;
  std::deque<std::string> left_;        // no longer listed, still there: a slow reader may ask for them
  std::uint64_t first_number_;          // of the first one listed
  std::uint64_t discontinuities_;       // that left the list
  std::int64_t target_s_;
};

// What the playlist `text` says of a stream that wrote it; nothing for a text of another kind.
std::optional<HlsPast> past_of(const std::string& text);
// A file name as a URI: what is not unreserved becomes %XX.
std::string uri_of(const std::string& name);

}  // namespace skyline
