// Why a peer cannot be reached, asked of the system: for sinks that only say that it cannot.
#pragma once

#include <chrono>
#include <string>

namespace skyline {

// Why this name is no host's, in the resolver's words ("Name or service not known"), or "". Blocks as long as that takes.
std::string why_unknown(const std::string& host);

// The system's words ("Connection refused"), or "" where it can be reached. Blocks: for the resolver as long as that
// takes, for the connection within the bound.
std::string why_out_of_reach(const std::string& host, int port, std::chrono::milliseconds bound);

}  // namespace skyline
