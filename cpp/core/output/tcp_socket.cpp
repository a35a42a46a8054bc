#include "output/tcp_socket.h"

#include <dirent.h>
#include <linux/sockios.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <cstdlib>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>

namespace skyline {
namespace {

std::mutex found_mutex;
TcpSocket::Inodes found_already;  // guarded by found_mutex

// 0 for what is no socket.
ino_t inode_of(int descriptor) {
  struct stat status {};
  return ::fstat(descriptor, &status) == 0 && S_ISSOCK(status.st_mode) ? status.st_ino : 0;
}

void for_each_socket(const std::function<void(int, ino_t)>& look) {
  const std::unique_ptr<DIR, int (*)(DIR*)> descriptors(::opendir("/proc/self/fd"), &::closedir);
  if (!descriptors) return;
  while (const dirent* entry = ::readdir(descriptors.get())) {
    const int descriptor = std::atoi(entry->d_name);
    if (const ino_t inode = inode_of(descriptor); inode != 0) look(descriptor, inode);
  }
}

bool is_tcp_to(int descriptor, std::uint16_t port) {
  int type = 0;
  socklen_t length = sizeof(type);
  if (::getsockopt(descriptor, SOL_SOCKET, SO_TYPE, &type, &length) != 0 || type != SOCK_STREAM) return false;
  sockaddr_storage peer{};
  length = sizeof(peer);
  if (::getpeername(descriptor, reinterpret_cast<sockaddr*>(&peer), &length) != 0) return false;
  if (peer.ss_family == AF_INET) return ntohs(reinterpret_cast<const sockaddr_in&>(peer).sin_port) == port;
  if (peer.ss_family == AF_INET6) return ntohs(reinterpret_cast<const sockaddr_in6&>(peer).sin6_port) == port;
  return false;
}

}  // namespace

TcpSocket::Inodes TcpSocket::all() {
  Inodes inodes;
  for_each_socket([&](int, ino_t inode) { inodes.insert(inode); });
  return inodes;
}

std::optional<TcpSocket> TcpSocket::connected_to(std::uint16_t port, const Inodes& before) {
  const std::lock_guard<std::mutex> lock(found_mutex);
  int descriptor = -1;
  ino_t found = 0;
  for_each_socket([&](int candidate, ino_t inode) {
    if (found != 0 || before.count(inode) != 0 || found_already.count(inode) != 0) return;
    if (!is_tcp_to(candidate, port)) return;
    descriptor = candidate;
    found = inode;
  });
  if (found == 0) return std::nullopt;
  found_already.insert(found);
  return TcpSocket(descriptor, found);
}

TcpSocket::~TcpSocket() {
  if (inode_ == 0) return;
  const std::lock_guard<std::mutex> lock(found_mutex);
  found_already.erase(inode_);
}

TcpSocket::TcpSocket(TcpSocket&& other) noexcept
    : descriptor_(other.descriptor_), inode_(std::exchange(other.inode_, 0)) {}

TcpSocket& TcpSocket::operator=(TcpSocket&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  std::swap(inode_, other.inode_);
  return *this;
}

std::optional<TcpSocket::Progress> TcpSocket::progress() const {
  if (inode_of(descriptor_) != inode_) return std::nullopt;
  int waiting = 0;
  tcp_info info{};
  socklen_t length = sizeof(info);
  if (::ioctl(descriptor_, SIOCOUTQ, &waiting) != 0 ||
      ::getsockopt(descriptor_, IPPROTO_TCP, TCP_INFO, &info, &length) != 0) {
    return std::nullopt;
  }
  return Progress{static_cast<std::uint64_t>(waiting), info.tcpi_bytes_acked};
}

}  // namespace skyline
