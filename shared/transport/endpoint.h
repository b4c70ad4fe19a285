// Endpoint: where a socket binds or connects: tcp://HOST:PORT or ipc://PATH, and nothing else.
//
// libzmq knows more transports (inproc, ws, pgm, udp ...); they are refused here, some for open
// security holes in Debian's version, the others because nothing of ours needs them. Values.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "shared/base/result.h"

namespace docmill {

struct Endpoint {
  enum class Kind { kTcp, kIpc };

  Kind kind = Kind::kTcp;
  std::string host;  // a name, an IPv4 address, an IPv6 address in [..], or *: every interface
  std::uint16_t port = 0;
  std::string path;  // of the unix socket

  bool operator==(const Endpoint&) const = default;
};

// The error is a config Error that begins with the text itself.
Result<Endpoint> parse_endpoint(std::string_view text);
std::string to_string(const Endpoint& endpoint);

}  // namespace docmill
