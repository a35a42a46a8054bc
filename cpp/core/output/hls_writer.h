// Keeps an HLS playlist true while an output writes its parts: what is listed is complete and stays.
//
// A segment is listed once its file is finished and its length is known, all in order. The playlist is
// replaced by renaming, so that a reader sees the old one or the new one. Files that left the list are
// deleted some segments later.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <string>

#include "output/hls_playlist.h"
#include "output/recipe.h"
#include "output/ts_counters.h"

namespace skyline {

// The control thread's, but for its making. What cannot be written throws PipelineError.
class HlsWriter {
 public:
  // Makes the folder where it is missing, and looks at what an earlier stream left there: its segments are
  // never written over, its numbers go on, and its playlist, unless it has ended, is shown until the first
  // segment of ours is complete.
  // `tell` gets "segment" for each one listed, with its path and index, and "warning".
  using Tell = std::function<void(const char* kind, std::string message, std::uint64_t count)>;
  HlsWriter(const Recipe& recipe, Tell tell);

  unsigned first_number() const { return first_number_; }

  // Part `index` of this stream begins at `start_ns`; the media of the one before it ended at `end_before_ns`.
  void begin(unsigned index, std::int64_t start_ns, std::int64_t end_before_ns, bool caps_changed);
  // Its file is finished.
  void complete(unsigned index);
  // No part comes any more; the media of the last one ended at `end_ns`.
  void end(std::int64_t end_ns);
  // The file of a part that was opened and never begun.
  void discard(unsigned index);

 private:
  struct Part {
    HlsSegment segment;
    unsigned index = 0;
    std::int64_t start_ns = 0;
    bool is_complete = false;
    bool has_length = false;
  };

  HlsPast look_around();
  void list_what_is_ready();
  void show(bool is_over);
  std::string name_of(unsigned index) const { return names_.name(first_number_ + index); }

  const Recipe::Playlist settings_;
  const PartNames names_;           // without the folder
  const std::int64_t part_ns_;
  const std::string folder_;        // ends in a slash, or is empty
  const Tell tell_;
  const HlsPast past_;
  const unsigned first_number_;
  HlsPlaylist playlist_;
  TsCounters counters_;
  std::deque<Part> parts_;          // begun and not listed yet
  std::int64_t zero_ns_ = 0;        // running time …
  std::int64_t zero_wall_us_ = -1;  // … and what the clock on the wall showed then
  bool has_warned_ = false;
};

}  // namespace skyline
