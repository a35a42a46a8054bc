// A TCP socket of this process that somebody else made and keeps to himself, to be looked at.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <set>

namespace skyline {

class TcpSocket {
 public:
  // Sockets by their inode: their descriptors come and go.
  using Inodes = std::set<ino_t>;
  static Inodes all();

  // The one that was connected to this port of a peer since `before` was taken, and that nobody found yet: two outputs
  // may go to one server.
  static std::optional<TcpSocket> connected_to(std::uint16_t port, const Inodes& before);
  ~TcpSocket();
  TcpSocket(TcpSocket&& other) noexcept;
  TcpSocket& operator=(TcpSocket&& other) noexcept;
  TcpSocket(const TcpSocket&) = delete;
  TcpSocket& operator=(const TcpSocket&) = delete;

  struct Progress {
    std::uint64_t bytes_waiting = 0;  // in the kernel, not acknowledged
    std::uint64_t bytes_acknowledged = 0;  // by the peer's kernel, since the beginning
  };
  // Nothing once it is closed.
  std::optional<Progress> progress() const;

 private:
  TcpSocket(int descriptor, ino_t inode) : descriptor_(descriptor), inode_(inode) {}

  int descriptor_;  // another's: only looked at, never closed
  ino_t inode_;  // 0 once moved from
};

}  // namespace skyline
