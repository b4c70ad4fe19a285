// SubmitInlet: documents that other programs submit over ZeroMQ, answered when they are in the
// spool on disk. The frames are in docs/wire-format.md.
//
// One thread. A request that is no request is answered with what was expected; a client that has no
// answer sends again, under the same key.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "producer/spooled/inlet.h"
#include "shared/base/units.h"
#include "shared/transport/poller.h"
#include "shared/transport/router_socket.h"

namespace docmill {

class SubmitInlet final : public Inlet {
 public:
  // epoch: of the producer; a part of every id. Errors: see PullSocket::bind.
  static Result<std::unique_ptr<Inlet>> open(const Context& sockets, const std::string& bind,
                                             Bytes limit, std::uint64_t epoch);

  Result<void> take_in(Spool& spool) override;
  void kept() override;
  void paused() override;
  int fd() const override { return socket_.fd(); }

 private:
  // Where an answer goes: the sender's address, and the empty frame that a REQ puts before its own.
  struct Return {
    std::string sender;
    bool delimiter = false;
    std::string key;
  };
  struct Waiting {
    Return to;
    std::string id;
  };

  SubmitInlet(RouterSocket socket, Bytes limit, std::uint64_t epoch)
      : socket_(std::move(socket)), limit_(limit), epoch_(epoch) {}

  bool receive(bool wait);
  Result<void> append(Spool& spool);
  void answer(const Return& to, std::string_view verdict, std::string_view text);

  RouterSocket socket_;
  Poller poller_;
  Bytes limit_;
  std::uint64_t epoch_;
  std::vector<Frame> message_;
  std::vector<Waiting> waiting_;  // taken in, not yet durable
};

}  // namespace docmill
