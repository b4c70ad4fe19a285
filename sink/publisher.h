// Publisher: sends each committed document as [topic][document] to whoever subscribed. At most
// once.
//
// It keeps the documents of a group until the group is durable, so that nobody sees what may be
// taken back. A subscriber that keeps up is waited for, one that does not read is not. One thread.
#pragma once

#include <string>
#include <string_view>

#include "shared/config/pipeline.h"
#include "shared/runtime/security.h"
#include "shared/transport/pub_socket.h"
#include "shared/transport/subscriber_patience.h"

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
  // The group should end: a larger one would be more than the queue of a subscriber that keeps up.
  bool full() const;
  // The group is durable.
  void publish();

 private:
  Publisher(PubSocket socket, std::string topic, const Clock& clock);

  struct Waiting {
    Frame document;
    bool removed = false;
  };

  PubSocket socket_;
  std::string topic_;
  std::vector<Waiting> group_;
  SubscriberPatience patience_;
};

}  // namespace docmill
