#include "output/ts_counters.h"

#include <cerrno>
#include <cstdio>
#include <memory>
#include <vector>

namespace skyline {
namespace {

constexpr std::size_t kPacket = 188;
constexpr std::size_t kPacketsAtOnce = 4096;
constexpr std::uint8_t kSync = 0x47;
constexpr std::uint8_t kHasPayload = 0x10;
constexpr std::uint16_t kNullPid = 0x1fff;

struct Close {
  void operator()(FILE* file) const noexcept { std::fclose(file); }
};

}  // namespace

void TsCounters::begin_segment() {
  for (auto& [number, pid] : pids_) pid.is_in_segment = false;
}

bool TsCounters::carry_on(std::uint8_t* packets, std::size_t bytes) {
  for (std::uint8_t* packet = packets; packet + kPacket <= packets + bytes; packet += kPacket) {
    if (packet[0] != kSync) return false;
    const auto number = static_cast<std::uint16_t>((packet[1] & 0x1f) << 8 | packet[2]);
    if (number == kNullPid) continue;
    Pid& pid = pids_[number];
    const auto count = static_cast<std::uint8_t>(packet[3] & 0x0f);
    if (!pid.is_in_segment) {
      pid.is_in_segment = true;
      // A packet without payload repeats the counter of the one before it.
      const int follows = (packet[3] & kHasPayload) != 0 ? pid.last + 1 : pid.last;
      pid.shift = static_cast<std::uint8_t>((follows - count) & 0x0f);
    }
    pid.last = static_cast<std::uint8_t>((count + pid.shift) & 0x0f);
    packet[3] = static_cast<std::uint8_t>((packet[3] & 0xf0) | pid.last);
  }
  return true;
}

int TsCounters::carry_on_in(const std::string& path) {
  begin_segment();
  errno = 0;
  const std::unique_ptr<FILE, Close> file(std::fopen(path.c_str(), "r+be"));
  if (!file) return errno;
  std::vector<std::uint8_t> packets(kPacket * kPacketsAtOnce);
  long at = 0;
  while (const std::size_t got = std::fread(packets.data(), 1, packets.size(), file.get())) {
    if (!carry_on(packets.data(), got)) break;
    if (std::fseek(file.get(), at, SEEK_SET) != 0 || std::fwrite(packets.data(), 1, got, file.get()) != got)
      return errno;
    at += static_cast<long>(got);
    // Between writing and reading a stream has to be told its place.
    if (std::fseek(file.get(), at, SEEK_SET) != 0) return errno;
  }
  return std::fflush(file.get()) == 0 ? 0 : errno;
}

}  // namespace skyline
