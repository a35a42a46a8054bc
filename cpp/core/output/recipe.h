// A sink value as elements: what an output is made of. Pure data, decided in Python.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "lane/gop_queue.h"
#include "pipeline/element_spec.h"

namespace skyline {

// "cam-%05d.mp4" cut at its number. Only read as a pattern when the sink asks for parts.
struct PartNames {
  std::string prefix;
  unsigned digits = 5;
  std::string suffix;
  unsigned first = 0;               // number of the first part
  std::string name(unsigned part) const;
};

// A remote peer that was lost is tried again: after `first_ns` at most, doubling up to `most_ns`, each time a
// random part of it.
struct Retry {
  std::int64_t first_ns = 500'000'000;
  std::int64_t most_ns = 1'500'000'000;
  int max_retries = -1;  // in a row; -1 = unlimited
};

struct Recipe {
  std::string name;                 // of the output, in events and errors: "cam.mp4"
  ChainSpec chain;                  // after the appsrc: parser ! muxer ! sink
  ChainSpec silence;                // source of silent sound for the muxer, which is named "mux" then
  std::size_t datagram_bytes = 0;   // cut what the muxer makes into pieces of at most this (0: as it comes)
  std::string location;             // path set as "location" on the last element; "" if it has none
  std::optional<PartNames> parts;   // parts by hand-over instead of `location`
  std::int64_t part_ns = 0;         // cut when a part is this long (0: not by time)
  std::uint64_t part_bytes = 0;     // cut when a part has this many bytes (0: not by size)
  bool own_zero = true;             // time starts at the first key unit (files), not the stream's
  std::string hint;                 // what to do where it cannot be opened, for the error's reader
  bool is_raw = false;              // takes frames, not units
  bool waits = false;               // wait for room instead of dropping GOPs (offline)
  GopQueue::Bounds bounds;          // of the port's queue
  // An HLS playlist of the parts, which stand in the same folder.
  struct Playlist {
    std::string path;
    std::size_t length = 6;         // segments listed; 0: all
    std::size_t keep_extra = 7;     // segments kept after they left the list
  };
  std::optional<Playlist> playlist;
  std::optional<Retry> retry;       // set: ends at a remote peer, and is supervised
  std::int64_t linger_ns = 0;       // from the end of the stream to closing: what is on its way arrives
};

}  // namespace skyline
