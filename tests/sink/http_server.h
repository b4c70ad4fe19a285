// A server on loopback for the http output's tests: it answers each request as a test says, one
// connection after the other, and notes what came. The process tests have a server of somebody
// else's.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/catch.h"

namespace docmill::test {

class HttpServer {
 public:
  struct Request {
    std::string head;
    std::string body;
  };
  // Gives all bytes of the answer; after an empty one the connection is closed.
  using Answer = std::function<std::string(const Request&)>;

  explicit HttpServer(Answer answer) : answer_(std::move(answer)) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const any = reinterpret_cast<sockaddr*>(&address);
    REQUIRE(::bind(listener_, any, size) == 0);
    REQUIRE(::listen(listener_, 16) == 0);
    REQUIRE(::getsockname(listener_, any, &size) == 0);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
  }
  ~HttpServer() {
    ::shutdown(listener_, SHUT_RDWR);
    {
      const std::lock_guard lock(mutex_);
      ended_ = true;
      if (connection_ >= 0) ::shutdown(connection_, SHUT_RDWR);
    }
    thread_.join();
    ::close(listener_);
  }
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_) + "/in"; }
  std::vector<Request> requests() {
    const std::lock_guard lock(mutex_);
    return requests_;
  }

 private:
  void serve() {
    for (;;) {
      const int connection = ::accept(listener_, nullptr, nullptr);
      if (connection < 0) return;
      {
        const std::lock_guard lock(mutex_);
        connection_ = connection;
        if (ended_) ::shutdown(connection_, SHUT_RDWR);
      }
      talk(connection);
      const std::lock_guard lock(mutex_);
      ::close(connection);
      connection_ = -1;
    }
  }
  void talk(int connection) {
    std::string bytes;
    for (char part[65536];;) {
      const ssize_t count = ::recv(connection, part, sizeof part, 0);
      if (count <= 0) return;
      bytes.append(part, static_cast<std::size_t>(count));
      const std::size_t end = bytes.find("\r\n\r\n");
      if (end == std::string::npos) continue;
      const std::size_t at = bytes.find("Content-Length: ");
      const std::size_t length = std::stoul(bytes.substr(at + 16));
      if (bytes.size() < end + 4 + length) continue;
      const Request request{bytes.substr(0, end + 2), bytes.substr(end + 4, length)};
      bytes.erase(0, end + 4 + length);
      const std::string answer = answer_(request);
      {
        const std::lock_guard lock(mutex_);
        requests_.push_back(request);
      }
      if (answer.empty()) return;
      ::send(connection, answer.data(), answer.size(), MSG_NOSIGNAL);
    }
  }

  Answer answer_;
  int listener_ = -1;
  int connection_ = -1;
  std::uint16_t port_ = 0;
  std::mutex mutex_;
  bool ended_ = false;
  std::vector<Request> requests_;
  std::thread thread_;
};

inline std::string answer_with(int status, const std::string& body = {},
                               const std::string& header = {}) {
  return "HTTP/1.1 " + std::to_string(status) + " X\r\n" + header +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

}  // namespace docmill::test
