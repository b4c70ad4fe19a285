// Outboxes: a transformer's links to the sinks, and the messages that wait for each.
//
// A sink that takes nothing holds up no other sink. One thread. The links outlive it.
#pragma once

#include <deque>
#include <map>
#include <string>

#include "shared/transport/push_link.h"
#include "transformer/outbox_room.h"
#include "transformer/worker_events.h"

namespace docmill {

class Outboxes {
 public:
  explicit Outboxes(const std::map<std::string, PushLink*>& links);

  // The bytes of the message were added to the room before; they leave it with the message.
  void put(SinkMessage message, OutboxRoom& room, Time now);
  // Sends what did not fit before.
  void flush(OutboxRoom& room, Time now);
  // Messages wait until the sink takes more.
  bool waits_for(const std::string& sink) const;
  bool empty() const { return waiting_ == 0; }
  // When a sink last took a message that had to wait, or nothing waited.
  Time last_progress() const { return progress_; }
  // What was sent is delivered in the background, as long as the linger lasts.
  void close(Duration linger);

 private:
  struct Outbox {
    PushLink* link;
    std::deque<SinkMessage> waiting;
  };

  bool flush(const std::string& name, Outbox& outbox, OutboxRoom& room, Time now);

  std::map<std::string, Outbox> outboxes_;
  std::size_t waiting_ = 0;
  Time progress_{};
};

}  // namespace docmill
