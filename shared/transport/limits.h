// What a socket may hold. Nothing between two processes is unbounded: the queue that matters is the
// producer's window, so these are small and on purpose.
#pragma once

#include <cstddef>
#include <cstdint>

#include "shared/base/units.h"

namespace docmill {

// The same on both ends of a link: a frame that the sender lets through must not be too large for
// the receiver, which ends the connection over it.
struct SocketLimits {
  std::size_t frames = 1;      // of a message; a message with more is discarded and counted
  Bytes frame{64 << 10};       // at least 1 KiB, or the handshake itself would be too large
  Bytes buffer{64 << 10};      // of the kernel, for each connection and direction
  std::uint32_t messages = 1;  // in libzmq's queue, for each connection and direction
};

}  // namespace docmill
