#include "output/hls_playlist.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <sstream>
#include <utility>

namespace skyline {
namespace {

constexpr std::int64_t kSecond_ns = 1'000'000'000;

std::int64_t whole_seconds(std::int64_t duration_ns) { return (duration_ns + kSecond_ns - 1) / kSecond_ns; }

// To the microsecond, rounded: 1/30 s is not told shorter by one digit.
std::string seconds_text(std::int64_t duration_ns) {
  const std::int64_t microseconds = (duration_ns + 500) / 1000;
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%lld.%06lld", static_cast<long long>(microseconds / 1'000'000),
                static_cast<long long>(microseconds % 1'000'000));
  return text.data();
}

std::string date_time_text(std::int64_t wall_us) {
  const std::time_t seconds = wall_us / 1'000'000;
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  std::array<char, 32> date{};
  std::strftime(date.data(), date.size(), "%Y-%m-%dT%H:%M:%S", &utc);
  std::array<char, 48> text{};
  std::snprintf(text.data(), text.size(), "%s.%03dZ", date.data(), static_cast<int>(wall_us / 1000 % 1000));
  return text.data();
}

bool begins_with(const std::string& line, const char* words) { return line.rfind(words, 0) == 0; }

std::uint64_t number_after_colon(const std::string& line) {
  return std::strtoull(line.c_str() + line.find(':') + 1, nullptr, 10);
}

}  // namespace

HlsPlaylist::HlsPlaylist(Settings settings, HlsPast past)
    : settings_(settings),
      first_number_(past.next_number),
      discontinuities_(past.discontinuities),
      target_s_(std::max<std::int64_t>(1, whole_seconds(settings.target_ns))) {
  if (settings_.length != 0) left_.assign(past.names.begin(), past.names.end());
}

std::vector<std::string> HlsPlaylist::add(HlsSegment segment) {
  target_s_ = std::max(target_s_, whole_seconds(segment.duration_ns));
  listed_.push_back(std::move(segment));
  std::vector<std::string> given_up;
  if (settings_.length == 0) return given_up;
  while (listed_.size() > settings_.length) {
    if (listed_.front().is_discontinuous) ++discontinuities_;
    ++first_number_;
    left_.push_back(std::move(listed_.front().name));
    listed_.pop_front();
  }
  // Counted with those still listed, so that what an earlier stream left stays as long for its readers.
  while (!left_.empty() && left_.size() + listed_.size() > settings_.length + settings_.keep_extra) {
    given_up.push_back(std::move(left_.front()));
    left_.pop_front();
  }
  return given_up;
}

std::string HlsPlaylist::text(bool is_over) const {
  std::ostringstream text;
  text << "#EXTM3U\n#EXT-X-VERSION:6\n";
  if (settings_.length == 0) text << "#EXT-X-PLAYLIST-TYPE:EVENT\n";
  text << "#EXT-X-TARGETDURATION:" << target_s_ << "\n#EXT-X-MEDIA-SEQUENCE:" << first_number_ << "\n";
  if (discontinuities_ != 0) text << "#EXT-X-DISCONTINUITY-SEQUENCE:" << discontinuities_ << "\n";
  text << "#EXT-X-INDEPENDENT-SEGMENTS\n";
  for (const HlsSegment& segment : listed_) {
    if (segment.is_discontinuous) text << "#EXT-X-DISCONTINUITY\n";
    text << "#EXT-X-PROGRAM-DATE-TIME:" << date_time_text(segment.wall_us)
         << "\n#EXTINF:" << seconds_text(segment.duration_ns) << ",\n"
         << uri_of(segment.name) << "\n";
  }
  if (is_over) text << "#EXT-X-ENDLIST\n";
  return text.str();
}

std::optional<HlsPast> past_of(const std::string& text) {
  if (!begins_with(text, "#EXTM3U")) return std::nullopt;
  HlsPast past;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (begins_with(line, "#EXT-X-MEDIA-SEQUENCE:")) past.next_number += number_after_colon(line);
    if (begins_with(line, "#EXTINF:")) ++past.next_number;
    if (begins_with(line, "#EXT-X-DISCONTINUITY-SEQUENCE:")) past.discontinuities += number_after_colon(line);
    if (line == "#EXT-X-DISCONTINUITY") ++past.discontinuities;
    if (line == "#EXT-X-ENDLIST") past.has_ended = true;
  }
  return past;
}

std::string uri_of(const std::string& name) {
  std::string uri;
  for (const char letter : name) {
    const auto byte = static_cast<unsigned char>(letter);
    const bool is_plain = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
                          (byte >= '0' && byte <= '9') || byte == '-' || byte == '.' || byte == '_' || byte == '~';
    if (is_plain) {
      uri += letter;
    } else {
      std::array<char, 4> escaped{};
      std::snprintf(escaped.data(), escaped.size(), "%%%02X", static_cast<unsigned>(byte));
      uri += escaped.data();
    }
  }
  return uri;
}

}  // namespace skyline
