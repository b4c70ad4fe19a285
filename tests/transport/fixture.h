// What the tests of the transport share: places to bind, and waits that have a deadline.
#pragma once

#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <chrono>
#include <cstring>
#include <filesystem>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "shared/transport/poller.h"
#include "tests/support/catch.h"

namespace docmill {

using std::literals::chrono_literals::operator""s;
using std::literals::chrono_literals::operator""ms;
using std::literals::chrono_literals::operator""us;
using literals::operator""_B;
using literals::operator""_KiB;
using literals::operator""_MiB;

inline constexpr Duration kDeadline = 20s;
inline constexpr SocketLimits kPairs = {
    .frames = 2, .frame = 2_MiB, .buffer = 256_KiB, .messages = 8};

class TempFolder {
 public:
  TempFolder() {
    std::string path = (std::filesystem::temp_directory_path() / "docmill-XXXXXX").string();
    REQUIRE(::mkdtemp(path.data()) != nullptr);
    path_ = path;
  }
  ~TempFolder() { std::filesystem::remove_all(path_); }
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  std::string operator/(std::string_view name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

// A connected or bound plain socket, for peers that do not speak ZeroMQ.
class RawSocket {
 public:
  explicit RawSocket(int fd) : fd_(fd) {}
  ~RawSocket() {
    if (fd_ >= 0) ::close(fd_);
  }
  RawSocket(RawSocket&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  RawSocket& operator=(RawSocket&&) = delete;

  static RawSocket connect(const std::string& address) {
    const auto endpoint = parse_endpoint(address);
    REQUIRE(endpoint);
    if (endpoint->kind == Endpoint::Kind::kIpc) {
      sockaddr_un name{};
      name.sun_family = AF_UNIX;
      std::memcpy(name.sun_path, endpoint->path.data(), endpoint->path.size());
      return connect(AF_UNIX, reinterpret_cast<const sockaddr*>(&name), sizeof name);
    }
    const sockaddr_in name = loopback(endpoint->port);
    return connect(AF_INET, reinterpret_cast<const sockaddr*>(&name), sizeof name);
  }
  static sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in name{};
    name.sin_family = AF_INET;
    name.sin_port = htons(port);
    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return name;
  }

  // The peer may have hung up already.
  void write(std::string_view bytes) const {
    [[maybe_unused]] const auto sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  }
  int fd() const { return fd_; }

 private:
  static RawSocket connect(int family, const sockaddr* name, socklen_t size) {
    RawSocket socket(::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0));
    INFO(std::strerror(errno));
    REQUIRE(::connect(socket.fd(), name, size) == 0);
    return socket;
  }

  int fd_;
};

// A tcp address on the loopback that nobody has, below the ports that the kernel gives away.
inline std::string free_tcp_address() {
  std::random_device random;
  while (true) {
    const auto port = static_cast<std::uint16_t>(20'000 + random() % 12'768);
    const RawSocket probe(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const sockaddr_in name = RawSocket::loopback(port);
    if (::bind(probe.fd(), reinterpret_cast<const sockaddr*>(&name), sizeof name) == 0) {
      return fmt::format("tcp://127.0.0.1:{}", port);
    }
  }
}

enum class Scheme { kTcp, kIpc };

inline std::string free_address(Scheme scheme, const TempFolder& folder) {
  return scheme == Scheme::kTcp ? free_tcp_address() : "ipc://" + folder / "socket";
}

template <typename T>
T required(Result<T> result) {
  if (!result) FAIL(result.error().text);
  return std::move(*result);
}

inline Context open_context() { return required(Context::open()); }

// Waits a little for a socket to have something to read; fails the test after the deadline.
class Patience {
 public:
  template <typename Socket>
  explicit Patience(const Socket& socket) {
    poller_.readable(socket);
  }
  void wait() {
    REQUIRE(std::chrono::steady_clock::now() < deadline_);
    poller_.wait(10ms);
  }

 private:
  std::chrono::steady_clock::time_point deadline_ = std::chrono::steady_clock::now() + kDeadline;
  Poller poller_;
};

// The next message, as strings; fails the test when none comes before the deadline.
template <typename Socket>
std::vector<std::string> receive(Socket& socket) {
  Patience patience(socket);
  std::vector<Frame> message;
  while (!socket.receive(message)) patience.wait();
  std::vector<std::string> frames;
  for (const Frame& frame : message) frames.emplace_back(frame.bytes());
  return frames;
}

// Sends as soon as there is room; fails the test when there is none before the deadline.
inline void send(PushSocket& socket, std::span<Frame> message) {
  const auto deadline = std::chrono::steady_clock::now() + kDeadline;
  Poller poller;
  poller.writable(socket);
  while (!socket.send(message)) {
    REQUIRE(std::chrono::steady_clock::now() < deadline);
    poller.wait(100ms);
  }
}

inline void send(PushSocket& socket, const std::vector<std::string>& frames) {
  std::vector<Frame> message;
  for (const std::string& frame : frames) message.push_back(Frame::copy(frame));
  send(socket, std::span<Frame>(message));
}

}  // namespace docmill
