#include "shared/runtime/backlog.h"

#include <chrono>
#include <utility>

namespace docmill {
namespace {

// Less than the 10 s after which a sender reconnects, and the 30 s after which TCP does.
constexpr Duration kPatience = std::chrono::seconds(8);
// A single message may be larger.
constexpr std::uint64_t kMostBytes = 16 << 20;
constexpr std::size_t kMostMessages = 16'384;  // they may be empty
constexpr int kMostPerTurn = 4096;

std::uint64_t bytes_of(const std::vector<Frame>& message) {
  std::uint64_t bytes = 0;
  for (const Frame& frame : message) bytes += frame.size();
  return bytes;
}

}  // namespace

bool Backlog::receive(std::vector<Frame>& message, Time now) {
  read_at_ = now;
  if (held_.empty()) return link_.receive(message);
  message = std::move(held_.front());
  held_.pop_front();
  held_bytes_ -= bytes_of(message);
  return true;
}

void Backlog::relieve(Time now) {
  if (!read_at_) read_at_ = now;
  if (now - *read_at_ < kPatience) return;
  std::vector<Frame> message;
  for (int turn = 0; turn < kMostPerTurn; ++turn) {
    if (!link_.receive(message)) {
      read_at_ = now;
      return;
    }
    hold(std::exchange(message, {}));
  }
}

bool Backlog::has_room(std::uint64_t bytes) const {
  return held_.empty() || (held_bytes_ + bytes <= kMostBytes && held_.size() < kMostMessages);
}

void Backlog::drop_first() {
  held_bytes_ -= bytes_of(held_.front());
  held_.pop_front();
  ++dropped_;
}

void Backlog::hold(std::vector<Frame> message) {
  const std::uint64_t bytes = bytes_of(message);
  while (keep_ == Keep::kNewest && !has_room(bytes)) drop_first();
  if (!has_room(bytes)) {
    ++dropped_;
    return;
  }
  held_bytes_ += bytes;
  held_.push_back(std::move(message));
}

}  // namespace docmill
