#include "tests/support/daemons/network.h"

#include <algorithm>
#include <chrono>

namespace docmill::daemons {
namespace {

using std::chrono::milliseconds;

// As PushSocket.
constexpr Duration kStuck = std::chrono::seconds(10);
constexpr std::size_t kSweepAfter = 64;

}  // namespace

// What a process connects.
class SimulatedPush final : public PushLink {
 public:
  SimulatedPush(Network& network, LifePointer life, std::string address, const SocketLimits& limits)
      : network_(network),
        life_(std::move(life)),
        address_(std::move(address)),
        limits_(limits),
        connection_(network.open(life_, address_, limits_)) {}
  // Without close() what is queued is dropped.
  ~SimulatedPush() override {
    if (!closed_) connection_->on_sender_death();
  }
  SimulatedPush(const SimulatedPush&) = delete;
  SimulatedPush& operator=(const SimulatedPush&) = delete;

  bool send(std::span<Frame> message, Time now) override {
    if (connection_->send(message)) {
      refused_since_.reset();
      return true;
    }
    if (!refused_since_) refused_since_ = now;
    if (now - *refused_since_ < kStuck) return false;
    refused_since_ = now;
    return reconnect() && connection_->send(message);
  }
  Result<void> reconnect() override {
    connection_->on_sender_death();
    connection_ = network_.open(life_, address_, limits_);
    return {};
  }
  bool connected() override { return connection_->connected(); }
  void close(Duration linger) override {
    closed_ = true;
    connection_->close(network_.world().now() + linger);
  }

 private:
  Network& network_;
  LifePointer life_;
  std::string address_;
  SocketLimits limits_;
  ConnectionPointer connection_;
  std::optional<Time> refused_since_;
  bool closed_ = false;
};

std::unique_ptr<PullLink> Network::bind(const LifePointer& life, const std::string& address) {
  auto inbox = std::make_unique<Inbox>(*this, life, address);
  bound_[address] = inbox.get();
  for (const ConnectionPointer& connection : connections_) {
    if (connection->address() == address) find_peer(connection);
  }
  return inbox;
}

std::unique_ptr<PushLink> Network::connect(const LifePointer& life, const std::string& address,
                                           const SocketLimits& limits) {
  return std::make_unique<SimulatedPush>(*this, life, address, limits);
}

ConnectionPointer Network::open(const LifePointer& life, const std::string& address,
                                const SocketLimits& limits) {
  if (++opened_ > std::max(kSweepAfter, connections_.size())) sweep();
  connections_.push_back(std::make_shared<Connection>(world_, life, address, limits));
  find_peer(connections_.back());
  return connections_.back();
}

// It is tried again and again; whoever is there then is connected to.
void Network::find_peer(const ConnectionPointer& connection) {
  const Duration patience = world_.dice.time(std::chrono::microseconds(100), milliseconds(60));
  world_.after(patience, [this, connection] {
    const auto found = bound_.find(connection->address());
    if (connection->connected() || found == bound_.end() || connection->over()) return;
    if (connection->sender()->dead && !connection->lingers()) return;
    connection->attach(*found->second);
  });
}

void Network::sweep() {
  opened_ = 0;
  std::erase_if(connections_, [](const ConnectionPointer& one) { return one->over(); });
}

void Network::on_death(const LifePointer& life) {
  for (const ConnectionPointer& connection : connections_) {
    if (connection->sender() == life) connection->on_sender_death();
  }
}

void Network::on_continue(const LifePointer& life) {
  for (const ConnectionPointer& connection : connections_) {
    const auto found = bound_.find(connection->address());
    const bool to = found != bound_.end() && found->second->life() == life;
    if (to || connection->sender() == life) connection->pump();
  }
}

void Network::break_connections(std::uint64_t percent) {
  for (const ConnectionPointer& connection : connections_) {
    if (!connection->connected() || !world_.dice.chance(percent)) continue;
    connection->detach();
    find_peer(connection);
  }
}

bool Network::lingers(const LifePointer& life) const {
  return std::any_of(connections_.begin(), connections_.end(), [&](const auto& connection) {
    return connection->sender() == life && connection->lingers();
  });
}

void Network::forget(const std::string& address, const Inbox* inbox) {
  const auto found = bound_.find(address);
  if (found == bound_.end() || found->second != inbox) return;
  bound_.erase(found);
  for (const ConnectionPointer& connection : connections_) {
    if (connection->address() == address) connection->on_receiver_death();
  }
}

Inbox::~Inbox() { network_.forget(address_, this); }

void Inbox::on_arrival(const ConnectionPointer& connection) {
  ready_.push_back(connection);
  life_->wake(true);
}

bool Inbox::receive(std::vector<Frame>& message) {
  while (!ready_.empty()) {
    const ConnectionPointer connection = std::move(ready_.front());
    ready_.pop_front();
    const auto parcel = connection->take();
    if (!parcel) continue;  // it was lost when the connection broke
    message.clear();
    for (const std::string& frame : parcel->frames) message.push_back(Frame::copy(frame));
    return true;
  }
  return false;
}

}  // namespace docmill::daemons
