#include "sink/deliver_socket.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "sink/document_names.h"

namespace docmill {
namespace {

// Whoever connects may be made up; the memory for them is not.
constexpr std::size_t kMostConsumers = 1000;
constexpr std::size_t kMostWanted = 1000;
// What is more is dropped, and libzmq may see late that there is room.
constexpr std::uint32_t kQueue = 4 * kMostWanted;
// A sink's loop has other things to look at.
constexpr int kMostOfACall = 10'000;

}  // namespace

Result<std::unique_ptr<DeliverSocket>> DeliverSocket::bind(const Context& sockets,
                                                           const std::string& address,
                                                           Duration silence, Duration patience,
                                                           const Clock& clock) {
  SocketLimits limits;
  limits.frames = 4;
  limits.frame = {64 << 10};
  limits.messages = 1000;
  auto socket = RouterSocket::bind(sockets, address, limits, kQueue);
  if (!socket) return socket.error();
  return std::unique_ptr<DeliverSocket>(
      new DeliverSocket(std::move(*socket), silence, patience, clock));
}

std::vector<DeliverSocket::Answer> DeliverSocket::receive(Duration wait) {
  std::vector<Answer> answers;
  bool any = socket_.receive(message_);
  if (!any && wait > Duration::zero()) {
    poller_.clear();
    poller_.readable(socket_.fd());
    poller_.wait(wait);
    any = socket_.receive(message_);
  }
  for (int i = 0; any && i < kMostOfACall; ++i, any = socket_.receive(message_)) {
    Answer answer;
    if (take(answer)) answers.push_back(std::move(answer));
  }
  return answers;
}

// sender | take | number   or   sender | kept | id   or   sender | refused | id | reason
bool DeliverSocket::take(Answer& answer) {
  const std::string sender(message_[0].bytes());
  const std::string_view verb = message_.size() > 1 ? message_[1].bytes() : std::string_view();
  const auto known = consumers_.find(sender);
  if (known != consumers_.end()) known->second.heard = clock_->now();
  if (verb == "take" && message_.size() == 3) {
    const std::string_view text = message_[2].bytes();
    std::size_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size()) {
      complain("expected take and a number");
    } else if (known != consumers_.end() || consumers_.size() < kMostConsumers) {
      Consumer& consumer = consumers_[sender];
      consumer.heard = clock_->now();
      consumer.wants = std::min(number, kMostWanted);
    }
    return false;
  }
  const bool kept = verb == "kept" && message_.size() == 3;
  if (!kept && (verb != "refused" || message_.size() != 4)) {
    complain("expected take NUMBER, kept ID, or refused ID REASON");
    return false;
  }
  answer.id = message_[2].bytes();
  // Also of somebody who was thought to be gone: it has the document.
  if (known != consumers_.end()) known->second.has.erase(answer.id);
  if (!kept) {
    const std::string_view reason = message_[3].bytes();
    answer.refused = reason.empty() ? "refused without a reason" : std::string(reason);
  }
  return true;
}

void DeliverSocket::complain(std::string_view expected) {
  std::array frames = {
      Frame::copy(message_[0].bytes()), Frame::copy("error"),
      Frame::copy(fmt::format("{}; found {} frames", expected, message_.size() - 1))};
  socket_.send(frames);
}

std::vector<std::string> DeliverSocket::take_back() {
  std::vector<std::string> free;
  const Time now = clock_->now();
  for (auto it = consumers_.begin(); it != consumers_.end();) {
    const auto at = it++;
    const bool gone = now - at->second.heard > silence_;
    std::erase_if(at->second.has, [&](const auto& sent) {
      if (!gone && now - sent.second <= patience_) return false;
      free.push_back(sent.first);
      return true;
    });
    if (gone) consumers_.erase(at);
  }
  return free;
}

bool DeliverSocket::send(const std::string& id, const DocumentView& document) {
  const auto best = std::min_element(consumers_.begin(), consumers_.end(),
                                     [](const auto& one, const auto& other) {
                                       const auto room = [](const Consumer& consumer) {
                                         return static_cast<std::ptrdiff_t>(consumer.wants) -
                                                static_cast<std::ptrdiff_t>(consumer.has.size());
                                       };
                                       return room(one.second) > room(other.second);
                                     });
  if (best == consumers_.end() || best->second.has.size() >= best->second.wants) return false;
  std::array frames = {
      Frame::copy(best->first), Frame::copy(id), Frame::copy(name_of(document.format)),
      Frame::copy(fmt::format("{{{}}}", document.notes)), Frame::copy(document.bytes)};
  socket_.send(frames);
  best->second.has.emplace(id, clock_->now());
  return true;
}

}  // namespace docmill
