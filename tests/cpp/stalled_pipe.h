// A pipe with a reader who does not read: what is written to it stops after 64 KiB.
#pragma once

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <string>
#include <vector>

class StalledPipe {
 public:
  explicit StalledPipe(const std::string& path) {
    std::signal(SIGPIPE, SIG_IGN);  // as Python does: a reader that goes is EPIPE, not the end of us
    mkfifo(path.c_str(), 0600);
    reader_ = ::open(path.c_str(), O_RDWR | O_NONBLOCK);
  }
  ~StalledPipe() { close_reader(); }
  StalledPipe(const StalledPipe&) = delete;
  void close_reader() {
    if (reader_ >= 0) ::close(reader_);
    reader_ = -1;
  }
  void read_some(std::size_t bytes) const {
    std::vector<char> data(bytes);
    while (bytes > 0) {
      const ssize_t got = ::read(reader_, data.data(), bytes);
      if (got <= 0) return;
      bytes -= static_cast<std::size_t>(got);
    }
  }

 private:
  int reader_ = -1;
};
