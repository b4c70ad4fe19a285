// SinkLinks: a transformer's sockets to the sinks, one PUSH for each, and what waits for them.
//
// What waits for one sink does not hold up another. One thread.
#pragma once

#include <deque>
#include <map>
#include <string>

#include "shared/config/pipeline.h"
#include "shared/runtime/security.h"
#include "shared/transport/context.h"
#include "shared/transport/poller.h"
#include "shared/transport/push_socket.h"
#include "transformer/outbox_room.h"
#include "transformer/worker_events.h"

namespace docmill {

class SinkLinks {
 public:
  static Result<SinkLinks> open(const PipelineConfig& config, const Context& context,
                                const Security& security);

  // The bytes of the message were added to the room before; they leave it with the message.
  void put(SinkMessage message, OutboxRoom& room, Time now);
  // Sends what did not fit before.
  void flush(OutboxRoom& room, Time now);
  void wait_with(Poller& poller) const;
  bool empty() const { return waiting_ == 0; }
  // What was sent is delivered in the background, as long as the linger lasts.
  void close(Duration linger);

 private:
  struct Link {
    PushSocket socket;
    std::deque<SinkMessage> waiting;
  };

  bool flush(const std::string& name, Link& link, OutboxRoom& room, Time now);

  std::map<std::string, Link> links_;
  std::size_t waiting_ = 0;
};

}  // namespace docmill
