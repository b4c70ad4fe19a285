#include "shared/config/address.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "shared/config/findings.h"

namespace docmill {
namespace {

// sun_path of sockaddr_un holds 108 bytes with the final NUL.
constexpr std::size_t kMostPathBytes = 107;
// RFC 1035.
constexpr std::size_t kLongestName = 253;
constexpr std::size_t kLongestLabel = 63;

std::optional<std::uint32_t> parse_port(std::string_view text) {
  std::uint32_t port = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (failure != std::errc() || end != text.data() + text.size() || port == 0 || port > 65535) {
    return std::nullopt;
  }
  return port;
}

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

// A part of a host name. DNS has no underscores, but container networks do.
bool is_label(std::string_view text) {
  return !text.empty() && text.size() <= kLongestLabel && text.front() != '-' &&
         text.back() != '-' && std::all_of(text.begin(), text.end(), [](char c) {
           return is_letter_or_digit(c) || c == '-' || c == '_';
         });
}

bool is_ipv4(std::string_view text) {
  in_addr address{};
  return ::inet_pton(AF_INET, std::string(text).c_str(), &address) == 1;
}

// With a zone, as in fe80::1%eth0.
bool is_ipv6(std::string_view text) {
  in6_addr address{};
  const std::size_t percent = text.find('%');
  const std::string number(text.substr(0, percent));
  if (number.find('\0') != std::string::npos) return false;
  if (::inet_pton(AF_INET6, number.c_str(), &address) != 1) return false;
  if (percent == std::string_view::npos) return true;
  const std::string_view zone = text.substr(percent + 1);
  return !zone.empty() && std::all_of(zone.begin(), zone.end(), [](char c) {
    return is_letter_or_digit(c) || c == '.' || c == '-' || c == '_';
  });
}

Error ephemeral(std::uint32_t port) {
  return config_error(fmt::format(
      "must have a port below {}, got '{}'; the kernel hands out the ports from there up",
      kFirstEphemeralPort, port));
}

Result<Address> parse_tcp(std::string_view text, std::string_view rest, std::uint32_t most) {
  const std::size_t colon = rest.rfind(':');
  if (colon == std::string_view::npos || rest.ends_with(']')) {
    return config_error(
        fmt::format("must end with a port, such as tcp://127.0.0.1:5550, got {}", quote(text)));
  }
  const std::string_view host = rest.substr(0, colon);
  if (host != "*" && !is_host(host)) {
    return config_error(fmt::format(
        "must have a host name, an IPv4 address or [an IPv6 address], got {}", quote(text)));
  }
  const auto port = parse_port(rest.substr(colon + 1));
  if (!port) {
    return config_error(
        fmt::format("must have a port from 1 to {}, got {}", most, quote(rest.substr(colon + 1))));
  }
  if (*port > most) return ephemeral(*port);
  return Address{.host = std::string(host), .port = static_cast<std::uint16_t>(*port), .path = {}};
}

Result<Address> parse_ipc(std::string_view text, std::string_view rest) {
  if (rest.empty() || rest == "*") {
    return config_error(
        fmt::format("must have a path, such as ipc://state/p1.socket, got {}", quote(text)));
  }
  if (rest.size() > kMostPathBytes) {
    return config_error(
        fmt::format("must have a path of at most {} bytes, got {}; use a shorter one",
                    kMostPathBytes, rest.size()));
  }
  return Address{.scheme = Address::Scheme::kIpc, .host = {}, .path = std::string(rest)};
}

Result<Address> parse_any(std::string_view text, std::uint32_t most) {
  if (text.starts_with("tcp://")) return parse_tcp(text, text.substr(6), most);
  if (text.starts_with("ipc://")) return parse_ipc(text, text.substr(6));
  if (text.starts_with("inproc://")) {
    return config_error(fmt::format(
        "must begin with tcp:// or ipc://, got {}; inproc cannot cross processes", quote(text)));
  }
  return config_error(fmt::format("must begin with tcp:// or ipc://, got {}", quote(text)));
}

}  // namespace

Result<Address> parse_address(std::string_view text) {
  return parse_any(text, kFirstEphemeralPort - 1);
}

Result<Address> parse_peer_address(std::string_view text) { return parse_any(text, 65535); }

bool Address::is_local() const {
  const bool is_loopback =
      host.starts_with("127.") && host.find_first_not_of("0123456789.") == std::string::npos;
  return scheme == Scheme::kIpc || is_loopback || host == "[::1]" || host == "localhost";
}

bool Address::is_wildcard() const {
  return scheme == Scheme::kTcp && (host == "*" || host == "0.0.0.0" || host == "[::]");
}

bool Address::overlaps(const Address& other) const {
  if (scheme != other.scheme) return false;
  if (scheme == Scheme::kIpc) return path == other.path;
  return port == other.port && (host == other.host || is_wildcard() || other.is_wildcard());
}

bool is_host(std::string_view text) {
  if (text.starts_with('[') && text.ends_with(']')) {
    return is_ipv6(text.substr(1, text.size() - 2));
  }
  if (text.find_first_not_of("0123456789.") == std::string_view::npos) return is_ipv4(text);
  if (text.ends_with('.')) text.remove_suffix(1);  // of a name that is complete
  if (text.size() > kLongestName) return false;
  for (;;) {
    const std::size_t dot = text.find('.');
    if (!is_label(text.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return true;
    text.remove_prefix(dot + 1);
  }
}

Result<PortRange> ScalarType<PortRange>::parse(const std::string& text) {
  const std::string_view all = text;
  const std::size_t dash = all.find('-');
  const auto first = parse_port(all.substr(0, dash));
  const auto last = dash == std::string_view::npos ? first : parse_port(all.substr(dash + 1));
  if (!first || !last || *first > *last) {
    return config_error(
        fmt::format("must be a range of ports, such as 20000-20999, got {}", quote(text)));
  }
  if (*last >= kFirstEphemeralPort) return ephemeral(*last);
  return PortRange{static_cast<std::uint16_t>(*first), static_cast<std::uint16_t>(*last)};
}

std::string ScalarType<PortRange>::write(const PortRange& range) {
  return fmt::format("{}-{}", range.first, range.last);
}

}  // namespace docmill
