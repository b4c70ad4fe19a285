// DeliverSocket: who takes documents over ZeroMQ, how many each wants, and what they answer. The
// frames are in docs/wire-format.md ("Delivering documents").
//
// One thread. A consumer that has said nothing for a while is gone; what it had is free for others.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "shared/base/clock.h"
#include "shared/document/document.h"
#include "shared/transport/poller.h"
#include "shared/transport/router_socket.h"

namespace docmill {

class DeliverSocket {
 public:
  struct Answer {
    std::string id;
    std::string refused;  // why; empty: it is kept
  };

  // silence: after which a consumer is gone; patience: after which a document was lost on its way.
  // clock outlives it. Errors: see PullSocket::bind.
  static Result<std::unique_ptr<DeliverSocket>> bind(const Context& sockets,
                                                     const std::string& address, Duration silence,
                                                     Duration patience, const Clock& clock);

  // What came in; waits for the first of it, at most that long.
  std::vector<Answer> receive(Duration wait);
  // What consumers had that are gone, or had for too long; once.
  std::vector<std::string> take_back();
  // False when nobody wants one right now.
  bool send(const std::string& id, const DocumentView& document);
  bool has_consumers() const { return !consumers_.empty(); }
  int fd() const { return socket_.fd(); }

 private:
  struct Consumer {
    Time heard{};
    std::size_t wants = 0;
    std::map<std::string, Time> has;  // by id, when it was sent
  };

  DeliverSocket(RouterSocket socket, Duration silence, Duration patience, const Clock& clock)
      : socket_(std::move(socket)), silence_(silence), patience_(patience), clock_(&clock) {}

  bool take(Answer& answer);
  void complain(std::string_view expected);

  RouterSocket socket_;
  Duration silence_;
  Duration patience_;
  const Clock* clock_;
  Poller poller_;
  std::vector<Frame> message_;
  std::map<std::string, Consumer> consumers_;
};

}  // namespace docmill
