// A TCP server of the test's own: it takes what comes into files, one per connection, and does what it is told.
#pragma once

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <cstdio>
#include <string>
#include <thread>

class TcpPeer {
 public:
  // Files are `prefix`0, `prefix`1, …
  explicit TcpPeer(std::string prefix) : prefix_(std::move(prefix)) { start(); }
  ~TcpPeer() { kill(); }
  TcpPeer(const TcpPeer&) = delete;

  int port() const { return port_; }
  int connections() const { return connections_; }
  long bytes() const { return bytes_; }
  std::string file(int connection) const { return prefix_ + std::to_string(connection); }
  void stop_reading() { reads_ = false; }

  // As a process that is gone: its connections are reset, its port is refused.
  void kill() {
    ending_ = true;
    if (thread_.joinable()) thread_.join();
  }
  void start() {
    ending_ = false;
    reads_ = true;
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int yes = 1;
    const int small = 16 * 1024;  // so that a peer who does not read is noticed soon
    ::setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
    ::setsockopt(listener_, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<std::uint16_t>(port_));
    if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) std::perror("bind");
    socklen_t length = sizeof(address);
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &length);
    port_ = ntohs(address.sin_port);
    ::listen(listener_, 4);
    thread_ = std::thread([this] { run(); });
  }

 private:
  void run() {
    int connection = -1;
    FILE* file = nullptr;
    while (!ending_) {
      pollfd looked_at[2] = {{listener_, POLLIN, 0}, {reads_ ? connection : -1, POLLIN, 0}};
      ::poll(looked_at, 2, 5);
      if ((looked_at[0].revents & POLLIN) != 0) {
        drop(connection, file);
        connection = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        file = std::fopen((prefix_ + std::to_string(connections_)).c_str(), "wb");
        ++connections_;
      }
      if (looked_at[1].revents == 0) continue;
      char data[65536];
      const ssize_t got = ::recv(connection, data, sizeof(data), MSG_DONTWAIT);
      if (got <= 0) {
        drop(connection, file);
        continue;
      }
      std::fwrite(data, 1, static_cast<std::size_t>(got), file);
      std::fflush(file);
      bytes_ += got;
    }
    const linger reset{1, 0};
    if (connection >= 0) ::setsockopt(connection, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
    drop(connection, file);
    ::close(listener_);
  }
  static void drop(int& connection, FILE*& file) {
    if (connection >= 0) ::close(connection);
    if (file != nullptr) std::fclose(file);
    connection = -1;
    file = nullptr;
  }

  const std::string prefix_;
  int listener_ = -1;
  int port_ = 0;
  std::atomic<int> connections_{0};
  std::atomic<long> bytes_{0};
  std::atomic<bool> reads_{true};
  std::atomic<bool> ending_{false};
  std::thread thread_;
};
