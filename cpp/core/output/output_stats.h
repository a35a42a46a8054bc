// The books of one output.
#pragma once

#include <cstdint>

#include "report/latency.h"

namespace skyline {

// units_in == units_sent + units_dropped + units_queued in every value of it.
struct OutputStats {
  std::uint64_t units_in = 0;       // offered by the fan-out since the first key unit
  std::uint64_t units_sent = 0;     // handed to a pipeline
  std::uint64_t units_dropped = 0;  // by the bound, while nobody was there to take them, or after a failure
  std::uint64_t units_queued = 0;
  std::uint64_t bytes_sent = 0;
  std::uint64_t key_units = 0;
  unsigned parts = 0;               // pipelines begun
  unsigned reconnects = 0;          // times that a lost peer was there again
  unsigned clients = 0;             // of a server: who is connected now
  unsigned callback_errors = 0;     // times that the program's own function raised
  LatencyReport latency;            // from put to sent, of the first unit of each frame
};

}  // namespace skyline
