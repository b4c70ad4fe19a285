// Connection: one PUSH socket's way to whoever has an address bound.
//
// One thread. The network owns it; it outlives both its ends.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "shared/transport/frame.h"
#include "shared/transport/limits.h"
#include "tests/support/daemons/world.h"

namespace docmill::daemons {

class Inbox;

// One start of a process, as the network knows it.
struct Life {
  std::string name;
  bool dead = false;
  bool paused = false;  // SIGSTOP: its threads for I/O, too
  // Something has changed at a link. message: something arrived.
  std::function<void(bool message)> wake;

  bool runs() const { return !dead && !paused; }
};
using LifePointer = std::shared_ptr<Life>;

struct Parcel {
  std::vector<std::string> frames;
  std::size_t bytes = 0;
};

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(World& world, LifePointer sender, std::string address, const SocketLimits& limits)
      : world_(world), sender_(std::move(sender)), address_(std::move(address)), limits_(limits) {}

  const std::string& address() const { return address_; }
  const LifePointer& sender() const { return sender_; }

  // The sender's end. False when the queue is full.
  bool send(std::span<Frame> message);
  bool connected() const { return inbox_ != nullptr; }
  // Sends nothing more than what is queued, and that until then.
  void close(Time until);
  bool lingers() const { return closed_ && !out_.empty(); }
  void on_sender_death();

  // The receiver's end.
  void attach(Inbox& inbox);
  // It breaks: what is under way is lost.
  void detach();
  // The receiver is gone, with what it had not taken.
  void on_receiver_death();
  std::optional<Parcel> take();

  // Moves on what can be moved.
  void pump();
  // Nothing can come of it any more.
  bool over() const;

 private:
  void leave();
  void put_on_wire(Parcel parcel);
  void arrive();

  World& world_;
  LifePointer sender_;
  std::string address_;
  SocketLimits limits_;
  Inbox* inbox_ = nullptr;
  std::deque<Parcel> out_;            // in the sender's memory
  std::multimap<Time, Parcel> wire_;  // by when it arrives
  std::deque<Parcel> in_;             // in the receiver's memory
  std::size_t out_bytes_ = 0;
  std::size_t wire_bytes_ = 0;
  std::size_t in_bytes_ = 0;
  bool full_ = false;  // until half of the queue has left
  bool closed_ = false;
  Time last_arrival_{};
};
using ConnectionPointer = std::shared_ptr<Connection>;

}  // namespace docmill::daemons
