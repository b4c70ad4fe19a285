#include "shared/transport/endpoint.h"

#include <fmt/format.h>
#include <sys/un.h>

#include <algorithm>
#include <charconv>

namespace docmill {
namespace {

constexpr std::string_view kTcp = "tcp://";
constexpr std::string_view kIpc = "ipc://";
constexpr std::size_t kLongestPath = sizeof(sockaddr_un::sun_path) - 1;

// Refuses what libzmq would read as something else: "source;destination" in a tcp address.
bool plain_host(std::string_view host) {
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  return !host.empty() && std::all_of(host.begin(), host.end(), [bracketed](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' ||
           c == '-' || c == '_' || (bracketed ? c == ':' || c == '%' : c == '*');
  });
}

Result<Endpoint> parse_tcp(std::string_view text) {
  const std::string_view rest = text.substr(kTcp.size());
  const auto colon = rest.rfind(':');
  const std::string_view host = rest.substr(0, colon);
  if (colon == std::string_view::npos || !plain_host(host)) {
    return config_error(fmt::format(
        "{}: expected tcp://HOST:PORT, an IPv6 address in [..], found '{}'", text, rest));
  }
  const std::string_view digits = rest.substr(colon + 1);
  std::uint16_t port = 0;
  const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (problem != std::errc() || end != digits.data() + digits.size() || port == 0) {
    return config_error(
        fmt::format("{}: expected a port from 1 to 65535, found '{}'", text, digits));
  }
  return Endpoint{
      .kind = Endpoint::Kind::kTcp, .host = std::string(host), .port = port, .path = {}};
}

Result<Endpoint> parse_ipc(std::string_view text) {
  const std::string_view path = text.substr(kIpc.size());
  if (path.empty() || path.front() == '@' || path == "*" || path.back() == '/' ||
      path.find('\0') != std::string_view::npos) {
    return config_error(fmt::format(
        "{}: expected the path of a socket file, found '{}'; name a file in a folder of your own",
        text, path));
  }
  if (path.size() > kLongestPath) {
    return config_error(
        fmt::format("{}: expected a path of at most {} bytes, found {}; use a shorter folder", text,
                    kLongestPath, path.size()));
  }
  return Endpoint{.kind = Endpoint::Kind::kIpc, .host = {}, .port = 0, .path = std::string(path)};
}

}  // namespace

Result<Endpoint> parse_endpoint(std::string_view text) {
  if (text.starts_with(kTcp)) return parse_tcp(text);
  if (text.starts_with(kIpc)) return parse_ipc(text);
  return config_error(
      fmt::format("{}: expected tcp://HOST:PORT or ipc://PATH, found neither", text));
}

std::string to_string(const Endpoint& endpoint) {
  if (endpoint.kind == Endpoint::Kind::kIpc) return fmt::format("ipc://{}", endpoint.path);
  return fmt::format("tcp://{}:{}", endpoint.host, endpoint.port);
}

}  // namespace docmill
