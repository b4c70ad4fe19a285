#include "transformer/outboxes.h"

namespace docmill {

Outboxes::Outboxes(const std::map<std::string, PushLink*>& links) {
  for (const auto& [sink, link] : links) outboxes_.emplace(sink, Outbox{link, {}});
}

void Outboxes::put(SinkMessage message, OutboxRoom& room, Time now) {
  const auto found = outboxes_.find(message.sink);
  found->second.waiting.push_back(std::move(message));
  ++waiting_;
  flush(found->first, found->second, room, now);
}

bool Outboxes::flush(const std::string& name, Outbox& outbox, OutboxRoom& room, Time now) {
  while (!outbox.waiting.empty()) {
    SinkMessage& next = outbox.waiting.front();
    Frame frames[] = {std::move(next.header), std::move(next.payload)};
    if (!outbox.link->send(frames, now)) {
      next.header = std::move(frames[0]);
      next.payload = std::move(frames[1]);
      return false;
    }
    progress_ = now;
    room.remove(name, next.bytes);
    outbox.waiting.pop_front();
    --waiting_;
  }
  return true;
}

void Outboxes::flush(OutboxRoom& room, Time now) {
  if (waiting_ == 0) {
    progress_ = now;
    return;
  }
  for (auto& [name, outbox] : outboxes_) flush(name, outbox, room, now);
}

bool Outboxes::waits_for(const std::string& sink) const {
  const auto found = outboxes_.find(sink);
  return found != outboxes_.end() && !found->second.waiting.empty();
}

void Outboxes::close(Duration linger) {
  for (auto& [name, outbox] : outboxes_) outbox.link->close(linger);
  outboxes_.clear();
  waiting_ = 0;
}

}  // namespace docmill
