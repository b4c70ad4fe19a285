// Address: where a socket binds or connects: tcp://host:port or ipc://path. A value.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "shared/base/result.h"
#include "shared/config/scalar.h"

namespace docmill {

// Ports from here up are handed out by the kernel as source ports of connections, so a daemon that
// is started again may find its own taken.
inline constexpr std::uint16_t kFirstEphemeralPort = 32768;

struct Address {
  enum class Scheme { kTcp, kIpc };

  Scheme scheme = Scheme::kTcp;
  std::string host;  // tcp: a name, an IPv4 address, [IPv6], or * for every interface
  std::uint16_t port = 0;
  std::string path;  // ipc

  bool operator==(const Address&) const = default;
  // Nobody outside this machine reaches it: ipc, 127.0.0.0/8, [::1], localhost.
  bool is_local() const;
  // Every interface of the machine: *, 0.0.0.0, [::]. Something to bind, nothing to connect to.
  bool is_wildcard() const;
  // Both cannot be bound on one machine.
  bool overlaps(const Address& other) const;
};

// The error says what was expected, what was found and the cure.
Result<Address> parse_address(std::string_view text);
// The same of an address that somebody else has bound, at any port.
Result<Address> parse_peer_address(std::string_view text);

// A host as it stands in a tcp address, without the port; an IPv6 address is in brackets.
bool is_host(std::string_view text);

// Ports that the members of a transformer choose theirs from, written "20000-20999".
struct PortRange {
  std::uint16_t first = 20000;
  std::uint16_t last = 20999;
  bool operator==(const PortRange&) const = default;
};

template <>
struct ScalarType<PortRange> {
  static std::string name() { return "range of ports"; }
  static Result<PortRange> parse(const std::string& text);
  static std::string write(const PortRange& range);
};

}  // namespace docmill
