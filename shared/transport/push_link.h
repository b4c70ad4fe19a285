// PushLink: gives messages to one peer. A socket in a daemon, a simulated connection in tests.
//
// One thread. What was taken may still be lost: with the peer, the connection or this process.
#pragma once

#include <span>

#include "shared/base/clock.h"
#include "shared/base/result.h"
#include "shared/base/units.h"
#include "shared/transport/frame.h"

namespace docmill {

class PushLink {
 public:
  virtual ~PushLink() = default;
  // True: the message is on its way and its frames are empty. False: the queue is full and the
  // frames are unchanged. Never blocks.
  virtual bool send(std::span<Frame> message, Time now) = 0;
  // The peer is connected now. Only where the link was made to watch that.
  virtual bool connected() = 0;
  // Follows a host that has several addresses, or others than before; send() and connected() do so,
  // too. Where messages are dropped while send() refuses.
  virtual void follow() {}
  // Connects anew; what is queued is dropped. Where a connection may have been given up for ever.
  virtual Result<void> reconnect() { return {}; }
  // The last call. What was taken is sent in the background, as long as the linger lasts; without
  // close() it is dropped.
  virtual void close(Duration linger) = 0;
};

}  // namespace docmill
