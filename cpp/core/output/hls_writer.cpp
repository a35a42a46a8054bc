#include "output/hls_writer.h"

#include <gst/gst.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <system_error>
#include <utility>

#include "report/errors.h"

namespace skyline {
namespace fs = std::filesystem;
namespace {

constexpr std::uint64_t kLargestNumber = 1'000'000'000;  // a playlist that says more is none of ours
constexpr std::int64_t kLate_ns = 500'000'000;

[[noreturn]] void refuse(const char* what, const std::string& path, int reason) {
  const int code = reason == ENOSPC ? GST_RESOURCE_ERROR_NO_SPACE_LEFT : GST_RESOURCE_ERROR_WRITE;
  throw PipelineError(bus_error(
      "hls", "resource", code, std::string("Could not ") + what + " \"" + path + "\": " + std::strerror(reason) + "."));
}

std::string folder_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == std::string::npos ? "" : path.substr(0, slash + 1);
}

void make_folder(const std::string& folder) {
  std::error_code failed;
  if (!folder.empty()) fs::create_directories(folder, failed);
  if (failed) refuse("make the folder", folder, failed.value());
}

// The number in the name of a segment of ours; none for any other file.
std::optional<std::uint64_t> number_in(const std::string& name, const PartNames& names) {
  const std::size_t around = names.prefix.size() + names.suffix.size();
  if (name.size() < around + names.digits || name.size() > around + 9) return std::nullopt;
  if (name.compare(0, names.prefix.size(), names.prefix) != 0) return std::nullopt;
  if (name.compare(name.size() - names.suffix.size(), names.suffix.size(), names.suffix) != 0) return std::nullopt;
  const std::string digits = name.substr(names.prefix.size(), name.size() - around);
  if (!std::all_of(digits.begin(), digits.end(), [](char one) { return one >= '0' && one <= '9'; }))
    return std::nullopt;
  return std::stoull(digits);
}

PartNames without_folder(PartNames names) {
  names.prefix.erase(0, folder_of(names.prefix).size());
  return names;
}

std::int64_t wall_now_us() {
  return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch())
      .count();
}

// Live, the first frame of a segment may come a little after it is due: the target covers that from the start.
std::int64_t least_target_ns(const Recipe& recipe) { return recipe.waits ? recipe.part_ns : recipe.part_ns + kLate_ns; }

}  // namespace

HlsWriter::HlsWriter(const Recipe& recipe, Tell tell)
    : settings_(*recipe.playlist),
      names_(without_folder(*recipe.parts)),
      part_ns_(recipe.part_ns),
      folder_(folder_of(settings_.path)),
      tell_(std::move(tell)),
      past_(look_around()),
      first_number_(static_cast<unsigned>(past_.next_number)),
      playlist_({settings_.length, settings_.keep_extra, least_target_ns(recipe)}, past_) {}

HlsPast HlsWriter::look_around() {
  make_folder(folder_);
  HlsPast past;
  {
    std::ifstream file(settings_.path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    if (const auto found = past_of(text.str()); found && found->next_number < kLargestNumber) past = *found;
  }
  std::vector<std::pair<std::uint64_t, std::string>> found;
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator(folder_.empty() ? "." : folder_, failed)) {
    const std::string name = entry.path().filename().string();
    if (const auto number = number_in(name, names_)) found.emplace_back(*number, name);
  }
  if (failed) refuse("look into the folder", folder_, failed.value());
  std::sort(found.begin(), found.end());
  for (auto& [number, name] : found) {
    past.next_number = std::max(past.next_number, number + 1);
    past.names.push_back(std::move(name));
  }
  // Nobody waits for more of a stream that has ended, and whoever comes now means this one.
  if (past.has_ended) std::remove(settings_.path.c_str());
  return past;
}

void HlsWriter::begin(unsigned index, std::int64_t start_ns, std::int64_t end_before_ns, bool caps_changed) {
  bool goes_on = !caps_changed;
  if (parts_.empty() && zero_wall_us_ < 0) {
    goes_on = first_number_ == 0;  // else it follows what an earlier stream wrote
  } else if (!parts_.empty()) {
    // A pause is no part of the segment before it: told as one, it would set the target for good.
    const bool is_pause = start_ns - end_before_ns > part_ns_;
    Part& before = parts_.back();
    before.segment.duration_ns = (is_pause ? end_before_ns : start_ns) - before.start_ns;
    before.has_length = true;
    goes_on = goes_on && !is_pause;
  }
  if (zero_wall_us_ < 0 || !goes_on) {
    zero_ns_ = start_ns;
    zero_wall_us_ = wall_now_us();
  }
  Part part;
  part.index = index;
  part.start_ns = start_ns;
  part.segment.name = name_of(index);
  part.segment.wall_us = zero_wall_us_ + (start_ns - zero_ns_) / 1000;
  part.segment.is_discontinuous = !goes_on;
  parts_.push_back(std::move(part));
  list_what_is_ready();
}

void HlsWriter::complete(unsigned index) {
  const auto part = std::find_if(parts_.begin(), parts_.end(), [&](const Part& one) { return one.index == index; });
  if (part == parts_.end()) return;
  part->is_complete = true;
  list_what_is_ready();
}

void HlsWriter::list_what_is_ready() {
  std::vector<std::string> given_up;
  std::vector<std::pair<std::string, std::uint64_t>> listed;
  while (!parts_.empty() && parts_.front().is_complete && parts_.front().has_length) {
    HlsSegment segment = std::move(parts_.front().segment);
    const std::string path = folder_ + segment.name;
    if (const int reason = counters_.carry_on_in(path); reason != 0) refuse("finish", path, reason);
    listed.emplace_back(path, parts_.front().index);
    parts_.pop_front();
    if (segment.duration_ns > part_ns_ + kLate_ns && !std::exchange(has_warned_, true)) {
      std::ostringstream words;
      words << "segment " << segment.name << " is " << static_cast<double>(segment.duration_ns / 1'000'000) / 1000.0
            << " s long, " << static_cast<double>(part_ns_ / 1'000'000) / 1000.0
            << " s were asked for: segments end at key frames, and the encoder did not make one when asked; give it "
               "keyframe_s";
      tell_("warning", words.str(), 0);
    }
    for (auto& name : playlist_.add(std::move(segment))) given_up.push_back(std::move(name));
  }
  if (listed.empty()) return;
  show(false);
  for (auto& [path, index] : listed) tell_("segment", std::move(path), index);
  // After the list that does without them. Gone already is as good.
  for (const auto& name : given_up) std::remove((folder_ + name).c_str());
}

void HlsWriter::end(std::int64_t end_ns) {
  if (!parts_.empty()) {
    parts_.back().segment.duration_ns = end_ns - parts_.back().start_ns;
    parts_.back().has_length = true;
  }
  list_what_is_ready();
  if (!playlist_.empty()) show(true);
}

void HlsWriter::discard(unsigned index) { std::remove((folder_ + name_of(index)).c_str()); }

void HlsWriter::show(bool is_over) {
  // In the same folder, because only there is renaming one step. Its name begins with a dot: no file to serve.
  const std::string temporary = folder_ + "." + settings_.path.substr(folder_.size()) + ".tmp";
  const std::string text = playlist_.text(is_over);
  FILE* file = std::fopen(temporary.c_str(), "wbe");
  if (file == nullptr) refuse("write", settings_.path, errno);
  const bool is_written = std::fwrite(text.data(), 1, text.size(), file) == text.size();
  int reason = is_written ? 0 : errno;
  if (std::fclose(file) != 0 && reason == 0) reason = errno;
  if (reason == 0 && std::rename(temporary.c_str(), settings_.path.c_str()) != 0) reason = errno;
  if (reason == 0) return;
  std::remove(temporary.c_str());
  refuse("write", settings_.path, reason);
}

}  // namespace skyline
