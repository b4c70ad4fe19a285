#include "tests/support/daemons/connection.h"

#include <algorithm>
#include <chrono>

#include "tests/support/daemons/network.h"

namespace docmill::daemons {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

std::size_t bytes_of(std::span<const Frame> message) {
  std::size_t bytes = 0;
  for (const Frame& frame : message) bytes += frame.size();
  return bytes;
}

}  // namespace

bool Connection::send(std::span<Frame> message) {
  for (const Frame& frame : message) {
    if (frame.size() <= limits_.frame.count) continue;
    world_.fail(fmt::format("{} sends a frame of {} bytes to {}, where {} are allowed",
                            sender_->name, frame.size(), address_, limits_.frame.count));
  }
  if (message.size() > limits_.frames) world_.fail(sender_->name + " sends too many frames");
  if (full_) return false;
  Parcel parcel;
  parcel.bytes = bytes_of(message);
  for (Frame& frame : message) {
    parcel.frames.emplace_back(frame.bytes());
    frame = Frame();
  }
  out_bytes_ += parcel.bytes;
  out_.push_back(std::move(parcel));
  pump();
  full_ = out_.size() >= limits_.messages;
  return true;
}

void Connection::close(Time until) {
  closed_ = true;
  pump();
  world_.at(until, [self = shared_from_this()] {
    self->out_.clear();
    self->out_bytes_ = 0;
  });
}

void Connection::on_sender_death() {
  // Some of it has left already.
  if (!out_.empty() && connected()) {
    for (std::size_t left = world_.dice.below(out_.size() + 1); left > 0; --left) leave();
  }
  out_.clear();
  out_bytes_ = 0;
  closed_ = true;
  // Its kernel may reset the connection.
  if (world_.dice.chance(20)) {
    wire_.clear();
    wire_bytes_ = 0;
  }
}

void Connection::attach(Inbox& inbox) {
  inbox_ = &inbox;
  if (sender_->runs()) sender_->wake(false);
  pump();
}

void Connection::detach() {
  inbox_ = nullptr;
  wire_.clear();
  wire_bytes_ = 0;
  if (sender_->runs()) sender_->wake(false);
}

void Connection::on_receiver_death() {
  if (connected()) detach();
  in_.clear();
  in_bytes_ = 0;
}

std::optional<Parcel> Connection::take() {
  if (in_.empty()) return std::nullopt;
  Parcel parcel = std::move(in_.front());
  in_.pop_front();
  in_bytes_ -= parcel.bytes;
  pump();
  return parcel;
}

void Connection::leave() {
  Parcel parcel = std::move(out_.front());
  out_.pop_front();
  out_bytes_ -= parcel.bytes;
  put_on_wire(std::move(parcel));
}

void Connection::put_on_wire(Parcel parcel) {
  simulation::Dice& dice = world_.dice;
  Time arrival = world_.now() + (dice.chance(2) ? dice.time(milliseconds(5), milliseconds(400))
                                                : dice.time(microseconds(20), milliseconds(2)));
  const bool wild = world_.wild && !world_.calm;
  if (wild && dice.chance(3)) return;  // lost
  if (wild && dice.chance(3)) {        // repeated
    const Time again = arrival + dice.time(milliseconds(1), seconds(6));
    wire_bytes_ += parcel.bytes;
    wire_.emplace(again, parcel);
    world_.at(again, [self = shared_from_this()] { self->pump(); });
  }
  if (wild && dice.chance(3)) {  // overtaken
    arrival += dice.time(milliseconds(1), dice.chance(80) ? milliseconds(300) : seconds(6));
  } else {
    arrival = last_arrival_ = std::max(last_arrival_, arrival);
  }
  wire_bytes_ += parcel.bytes;
  wire_.emplace(arrival, std::move(parcel));
  world_.at(arrival, [self = shared_from_this()] { self->pump(); });
}

void Connection::arrive() {
  const auto first = wire_.begin();
  wire_bytes_ -= first->second.bytes;
  in_bytes_ += first->second.bytes;
  in_.push_back(std::move(first->second));
  wire_.erase(first);
  inbox_->on_arrival(shared_from_this());
}

void Connection::pump() {
  if (!connected()) return;
  const std::size_t kernels = 2 * limits_.buffer.count;
  for (;;) {
    const bool leaves =
        !out_.empty() && sender_->runs() && (wire_.empty() || wire_bytes_ < kernels);
    const bool arrives = !wire_.empty() && wire_.begin()->first <= world_.now() &&
                         in_.size() < limits_.messages && inbox_->life()->runs();
    if (leaves) leave();
    if (arrives) arrive();
    if (!leaves && !arrives) break;
  }
  if (full_ && out_.size() <= limits_.messages / 2) {
    full_ = false;
    if (sender_->runs()) sender_->wake(false);
  }
}

bool Connection::over() const { return closed_ && out_.empty() && wire_.empty() && in_.empty(); }

}  // namespace docmill::daemons
