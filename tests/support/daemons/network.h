// Network: the links between the processes of a simulated pipeline, with the semantics of ZeroMQ's
// PUSH and PULL over TCP.
//
// A connection has three queues: in the memory of its sender, in the kernels, and in the memory of
// its receiver. Each is lost with whoever has it. All are limited as docmill limits its sockets,
// and a frame over the limit fails the seed. One thread.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "shared/transport/limits.h"
#include "shared/transport/pull_link.h"
#include "shared/transport/push_link.h"
#include "tests/support/daemons/connection.h"
#include "tests/support/daemons/world.h"

namespace docmill::daemons {

class Inbox;

// Planted: a queue at an address that takes so many messages in a moment, of all senders together.
class Burst {
 public:
  bool has_room(Time now) {
    constexpr std::uint32_t kQueue = 30;
    const auto moment = now.time_since_epoch() / std::chrono::milliseconds(250);
    if (moment != moment_) taken_ = 0;
    moment_ = moment;
    return ++taken_ <= kQueue;
  }

 private:
  std::int64_t moment_ = 0;
  std::uint32_t taken_ = 0;
};

class Network {
 public:
  explicit Network(World& world) : world_(world) {}
  Network(const Network&) = delete;
  Network& operator=(const Network&) = delete;

  std::unique_ptr<PullLink> bind(const LifePointer& life, const std::string& address);
  std::unique_ptr<PushLink> connect(const LifePointer& life, const std::string& address,
                                    const SocketLimits& limits);

  // The process is gone, with what it has in memory. What its closed links still have to send goes
  // with it, too.
  void on_death(const LifePointer& life);
  // It runs again after a pause.
  void on_continue(const LifePointer& life);
  // Connections break, each with that chance; they are made again.
  void break_connections(std::uint64_t percent);
  // Whether closed links of the process still have something to send.
  bool lingers(const LifePointer& life) const;

  Burst& burst_at(const std::string& address) { return bursts_[address]; }
  World& world() { return world_; }

 private:
  friend class Inbox;
  friend class SimulatedPush;

  ConnectionPointer open(const LifePointer& life, const std::string& address,
                         const SocketLimits& limits);
  void forget(const std::string& address, const Inbox* inbox);
  void find_peer(const ConnectionPointer& connection);
  void sweep();

  World& world_;
  std::map<std::string, Inbox*> bound_;
  std::vector<ConnectionPointer> connections_;
  std::map<std::string, Burst> bursts_;
  std::size_t opened_ = 0;  // since the last sweep
};

// What a process binds: takes in turn from each connection that has something.
class Inbox final : public PullLink {
 public:
  Inbox(Network& network, LifePointer life, std::string address)
      : network_(network), life_(std::move(life)), address_(std::move(address)) {}
  ~Inbox() override;
  Inbox(const Inbox&) = delete;
  Inbox& operator=(const Inbox&) = delete;

  bool receive(std::vector<Frame>& message) override;

  const LifePointer& life() const { return life_; }
  // The connection has one more message for it.
  void on_arrival(const ConnectionPointer& connection);

 private:
  Network& network_;
  LifePointer life_;
  std::string address_;
  std::deque<ConnectionPointer> ready_;  // once for each message
};

}  // namespace docmill::daemons
