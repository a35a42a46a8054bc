// What is in a file: asked of ffprobe and ffmpeg, and read from the pixels. And a place for files.
#pragma once

#include <dirent.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

#include "output/pipeline_output.h"

inline std::string run_command(const std::string& command) {
  std::string text;
  FILE* pipe = popen(command.c_str(), "r");
  std::array<char, 65536> part{};
  for (std::size_t got; (got = fread(part.data(), 1, part.size(), pipe)) > 0;) text.append(part.data(), got);
  pclose(pipe);
  return text;
}

struct Recording {
  int packets = 0;
  double start_s = -1;       // smallest time
  double end_s = -1;         // largest time, without its length
  bool begins_with_key = false;
  int keys = 0;
  std::vector<int> numbers;  // of the decoded frames
  std::string complaints;    // what ffmpeg says about the file

  // Frames first…last, each once, in order, and nothing to complain about.
  bool is_exactly(int first, int last) const {
    if (!complaints.empty() || packets != last - first + 1 || static_cast<int>(numbers.size()) != packets) return false;
    for (int n = 0; n < packets; ++n) {
      if (numbers[static_cast<std::size_t>(n)] != first + n) return false;
    }
    return begins_with_key;
  }
  std::string text() const {
    std::ostringstream out;
    out << packets << " packets, " << numbers.size() << " frames";
    if (!numbers.empty()) out << " (" << numbers.front() << "…" << numbers.back() << ")";
    out << ", " << start_s << "…" << end_s << " s, " << keys << " keys, first " << (begins_with_key ? "key" : "not a key");
    if (!complaints.empty()) out << ", complaints: " << complaints.substr(0, 300);
    return out.str();
  }
};

inline Recording read_recording(const std::string& path, int width = 160, int height = 120) {
  Recording found;
  const std::string quoted = "'" + path + "'";
  std::istringstream lines(run_command("ffprobe -v error -select_streams v -show_entries packet=pts_time,flags -of csv=p=0 " + quoted + " 2>/dev/null"));
  for (std::string line; std::getline(lines, line);) {
    if (line.find(',') == std::string::npos) continue;
    const double time = std::atof(line.c_str());
    const bool is_key = line.find('K') != std::string::npos;
    if (found.packets++ == 0) {
      found.begins_with_key = is_key;
      found.start_s = found.end_s = time;
    }
    found.start_s = std::min(found.start_s, time);
    found.end_s = std::max(found.end_s, time);
    if (is_key) ++found.keys;
  }
  found.complaints = run_command("ffmpeg -nostdin -v warning -i " + quoted + " -map 0:v -f null - 2>&1");
  const std::string pixels = run_command("ffmpeg -nostdin -v quiet -i " + quoted + " -map 0:v -vsync 0 -f rawvideo -pix_fmt gray -");
  const auto stride = static_cast<std::size_t>(width);
  const auto size = stride * static_cast<std::size_t>(height);
  for (std::size_t at = 0; at + size <= pixels.size(); at += size) {
    int number = 0;
    for (std::size_t bit = 0; bit < 12; ++bit) {
      if (static_cast<std::uint8_t>(pixels[at + 16 * stride + bit * 8 + 4]) > 128) number |= 1 << bit;
    }
    found.numbers.push_back(number);
  }
  return found;
}

class Folder {
 public:
  Folder() {
    char name[] = "/tmp/skyline-test-XXXXXX";
    path_ = mkdtemp(name);
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

inline int entries_of(const char* directory) {
  int count = 0;
  DIR* opened = opendir(directory);
  while (readdir(opened) != nullptr) ++count;
  closedir(opened);
  return count;
}
inline int open_files() { return entries_of("/proc/self/fd"); }
inline int threads() {
  g_thread_pool_set_max_unused_threads(0);  // else idle threads of GLib's pools stay for 15 s
  return entries_of("/proc/self/task");
}

// The recipes as Python writes them.
inline skyline::Recipe file_recipe(const std::string& kind, const std::string& path) {
  using skyline::ElementSpec;
  skyline::Recipe recipe;
  recipe.name = kind;
  recipe.chain.push_back({"h264parse", {}, {}, ""});
  if (kind == "mp4") {
    recipe.chain.push_back({"mp4mux", {{"fragment-duration", std::int64_t{250}}, {"fragment-mode", std::string("first-moov-then-finalise")}}, {}, ""});
  } else if (kind == "plain mp4") {
    recipe.chain.push_back({"mp4mux", {}, {}, ""});
  } else if (kind == "mkv") {
    recipe.chain.push_back({"matroskamux", {}, {}, ""});
  } else if (kind == "ts") {
    recipe.chain.push_back({"mpegtsmux", {}, {}, ""});
  }
  recipe.chain.push_back({"filesink", {{"buffer-mode", std::string("unbuffered")}, {"async", false}, {"sync", false}}, {}, ""});
  recipe.location = path;
  recipe.bounds = {600, 0};
  return recipe;
}
