// What the tests of the http source speak: requests as text, and a client that sends them.
#pragma once

#include <arpa/inet.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>
#include <string_view>

#include "tests/support/catch.h"

namespace docmill::test {

// A client's connection to a port of this machine. A resource.
class Client {
 public:
  explicit Client(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  }
  ~Client() { close(socket_); }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  void send(std::string_view text) const {
    REQUIRE(::send(socket_, text.data(), text.size(), MSG_NOSIGNAL) ==
            static_cast<ssize_t>(text.size()));
  }
  // Takes what has come within some milliseconds. False: the other end has closed.
  bool receive() {
    pollfd asked{.fd = socket_, .events = POLLIN, .revents = 0};
    if (::poll(&asked, 1, 5) <= 0) return true;
    char bytes[4096];
    const ssize_t got = ::recv(socket_, bytes, sizeof bytes, 0);
    if (got > 0) text_.append(bytes, static_cast<std::size_t>(got));
    return got > 0;
  }
  // The next whole answer, without headers but Retry-After: "202 {...}"; empty when there is none.
  std::string answer() {
    const std::size_t head = text_.find("\r\n\r\n");
    if (head == text_.npos) return {};
    const std::string headers = text_.substr(0, head);
    const std::size_t length = std::stoul(headers.substr(headers.find("Content-Length: ") + 16));
    if (text_.size() < head + 4 + length) return {};
    const std::string body = text_.substr(head + 4, length - 1);
    text_.erase(0, head + 4 + length);
    const bool later = headers.find("Retry-After: ") != headers.npos;
    return headers.substr(9, 3) + (later ? " later " : " ") + body;
  }

 private:
  int socket_;
  std::string text_;
};

inline std::string post(const std::string& type, const std::string& body,
                        const std::string& more = "") {
  return fmt::format(
      "POST /documents HTTP/1.1\r\nHost: a\r\nContent-Type: {}\r\n{}Content-Length: {}\r\n\r\n{}",
      type, more, body.size(), body);
}

inline std::string get(const std::string& path) {
  return fmt::format("GET {} HTTP/1.1\r\nHost: a\r\n\r\n", path);
}

}  // namespace docmill::test
