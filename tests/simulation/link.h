// Link: one connection from one life of a process to whoever listens at an address.
//
// First in, first out, as PUSH to PULL: what is queued dies with the sender, all but what had
// already left; what reaches a dead listener is lost or tried again. In an adversarial world single
// messages are also lost, repeated, delayed and overtaken.
#pragma once

#include <deque>
#include <functional>
#include <memory>

#include "tests/simulation/process.h"

namespace docmill::simulation {

template <typename Message>
class Link : public std::enable_shared_from_this<Link<Message>> {
 public:
  // deliver: false when nobody listens. lost: told of each message that is lost.
  using Deliver = std::function<bool(const Message&)>;
  using Lost = std::function<void(const Message&)>;
  Link(World& world, const Process& from, Deliver deliver, Lost lost)
      : world_(world),
        from_(from),
        life_(from.life()),
        deliver_(std::move(deliver)),
        lost_(std::move(lost)) {}

  void send(Message message) {
    const bool wild = world_.adversarial && !world_.calm;
    if (wild && world_.dice.chance(3)) return lose(message);
    if (wild && world_.dice.chance(4)) stray(message);
    if (wild && world_.dice.chance(3)) return stray(std::move(message));
    queue_.push_back(std::move(message));
    const Duration way =
        world_.dice.chance(2) ? world_.dice.time(5ms, 400ms) : world_.dice.time(50us, 3ms);
    arrives_ = std::max(arrives_, world_.now() + way);
    world_.after(arrives_ - world_.now(), [self = this->shared_from_this()] { self->arrive(); });
  }
  // The message overtakes all that is queued.
  void send_first(Message message) {
    send(std::move(message));
    if (queue_.size() < 2) return;
    queue_.push_front(std::move(queue_.back()));
    queue_.pop_back();
  }
  // The connection breaks: what is on its way is lost.
  void break_off() {
    for (const Message& message : queue_) lose(message);
    queue_.clear();
  }
  // The sender was killed: what had not left is lost.
  void sender_died() {
    if (queue_.empty()) return;
    const std::size_t left = world_.dice.below(queue_.size() + 1);
    for (std::size_t i = left; i < queue_.size(); ++i) lose(queue_[i]);
    queue_.resize(left);
  }

 private:
  void arrive() {
    if (queue_.empty()) return;
    if (deliver_(queue_.front())) {
      queue_.pop_front();
    } else if (from_.life() != life_ || world_.dice.chance(50)) {
      lose(queue_.front());
      queue_.pop_front();
    } else {
      world_.after(100ms, [self = this->shared_from_this()] { self->arrive(); });
    }
  }
  void stray(Message message) {
    world_.after(world_.dice.time(1ms, world_.dice.chance(80) ? 300ms : 6s),
                 [self = this->shared_from_this(), message = std::move(message)] {
                   self->deliver_(message);
                 });
  }
  void lose(const Message& message) {
    ++world_.coverage.messages_lost;
    lost_(message);
  }

  World& world_;
  const Process& from_;
  std::uint64_t life_;
  Deliver deliver_;
  Lost lost_;
  std::deque<Message> queue_;
  Time arrives_{};
};

}  // namespace docmill::simulation
