#include "producer/member_links.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

namespace docmill {
namespace {

// For what a member that leaves, or takes nothing right now, is still to get.
constexpr Duration kLinger = std::chrono::seconds(5);
// Nobody waits for acks any more, so that members need only hear that this is the end.
constexpr Duration kLastWords = std::chrono::seconds(1);
constexpr Duration kConnectAgainAfter = std::chrono::seconds(1);

}  // namespace

void MemberLinks::connect(const Connect& action, Time now) {
  Link& link = links_[action.member];
  link = Link{action, nullptr, {}, {}};
  open(link, now);
  if (link.retry_at) waiting_.insert(action.member);
}

void MemberLinks::open(Link& link, Time now) {
  auto opened = connector_.connect(link.to.address, link.to.name);
  if (opened) {
    if (link.retry_at) log_.info("{} is connected", link.to.name);
    link.push = std::move(*opened);
    link.retry_at.reset();
    return;
  }
  const Error& error = opened.error();
  if (error.code != ErrorCode::kUnavailable) {
    log_.error("{}", error.text);
    link.retry_at.reset();
    link.waiting.clear();
    return;
  }
  link.retry_at = now + kConnectAgainAfter;
  if (const auto held_back = throttle_.due("connect " + link.to.name, now)) {
    log_.warn("cannot connect to {} yet: {}; retry in {}{}", link.to.name, error.text,
              to_string(kConnectAgainAfter), more_like_it(*held_back));
  }
}

void MemberLinks::send(const Send& action, Time now) {
  const auto link = links_.find(action.member);
  if (link == links_.end()) return;
  if (!link->second.push && !link->second.retry_at) {
    // When its time is over, it is sent again, to another member if there is one.
    const std::string& name = link->second.to.name;
    if (const auto held_back = throttle_.due("drop " + name, now)) {
      log_.warn("{} cannot be connected; what is sent to it is dropped and sent again later{}",
                name, more_like_it(*held_back));
    }
    return;
  }
  link->second.waiting.emplace_back(Frame::copy(encode(action.header, action.payload_hash)),
                                    Frame::share(action.payload));
  if (!flush(link->second, now)) waiting_.insert(action.member);
}

// True when nothing waits for it.
bool MemberLinks::flush(Link& link, Time now) {
  if (link.retry_at && now >= *link.retry_at) open(link, now);
  if (!link.push) return !link.retry_at;
  while (!link.waiting.empty()) {
    Frame message[] = {std::move(link.waiting.front().first),
                       std::move(link.waiting.front().second)};
    if (!link.push->send(message, now)) {
      link.waiting.front() = {std::move(message[0]), std::move(message[1])};
      return false;
    }
    link.waiting.pop_front();
  }
  return true;
}

void MemberLinks::flush(Time now) {
  std::erase_if(waiting_, [&](const MemberId member) {
    const auto link = links_.find(member);
    return link == links_.end() || flush(link->second, now);
  });
}

void MemberLinks::disconnect(const Disconnect& action, Time now, Duration most) {
  const auto link = links_.find(action.member);
  if (link == links_.end()) return;
  if (action.deliver && flush(link->second, now) && link->second.push) {
    link->second.push->close(std::min(kLinger, most));
  }
  links_.erase(link);
}

void MemberLinks::close_all(Time now, Duration linger) {
  for (auto& [member, link] : links_) {
    if (flush(link, now) && link.push) link.push->close(std::min(kLastWords, linger));
  }
  links_.clear();
}

}  // namespace docmill
