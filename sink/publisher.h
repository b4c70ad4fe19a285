// Publisher: sends each committed document as [topic][document] to whoever subscribed. At most
// once.
//
// It keeps the documents of a group until the group is durable, so that no subscriber sees what may
// be taken back. A subscriber that keeps up misses nothing (SubscriberQueue). One thread.
#pragma once

#include <string>
#include <string_view>

#include "shared/config/pipeline.h"
#include "shared/runtime/security.h"
#include "shared/transport/pub_socket.h"
#include "shared/transport/subscriber_queue.h"

namespace docmill {

class Publisher {
 public:
  // sink: its name, {sink} in the address. clock: outlives it.
  static Result<Publisher> open(const Context& context, const PublishConfig& config,
                                const std::string& sink, Security& security, const Clock& clock);

  // Gives the document's number in the group.
  std::size_t add(std::string_view document) {
    group_.push_back({Frame::copy(document)});
    return group_.size() - 1;
  }
  // The document is dead: it is not published.
  void remove(std::size_t number) { group_[number].removed = true; }
  // The group should end, or subscribers would get it in one burst.
  bool full() const;
  // The group is durable. kUnavailable without a text: the one before it is still being sent; call
  // again at once.
  Result<void> settle();
  // Subscribers have no room for all of the last group: serve() sends more every few milliseconds.
  bool sending() const { return !queue_.empty(); }
  void serve();
  // The sink ends: what subscribers have no room for now is dropped.
  void end();

 private:
  Publisher(PubSocket socket, std::string topic, const Clock& clock);

  struct Waiting {
    Frame document;
    bool removed = false;
  };

  bool send(Waiting& waiting, bool drop);

  PubSocket socket_;
  std::string topic_;
  std::vector<Waiting> group_;
  SubscriberQueue<Waiting> queue_;
};

}  // namespace docmill
