#include "producer/member_links.h"

#include <algorithm>
#include <chrono>

namespace docmill {
namespace {

// For what a member that leaves, or takes nothing right now, is still to get.
constexpr Duration kLinger = std::chrono::seconds(5);

}  // namespace

void MemberLinks::connect(const Connect& action) {
  links_.erase(action.member);
  auto link = connector_.connect(action.address, action.name);
  if (!link) {
    log_.error("{}", link.error().text);
    return;
  }
  links_.emplace(action.member, Link{std::move(*link), {}});
}

void MemberLinks::send(const Send& action, Time now) {
  const auto link = links_.find(action.member);
  if (link == links_.end()) return;  // it could not be connected; the batch is sent again elsewhere
  link->second.waiting.emplace_back(Frame::copy(encode(action.header, action.payload_hash)),
                                    Frame::share(action.payload));
  if (!flush(link->second, now)) waiting_.insert(action.member);
}

bool MemberLinks::flush(Link& link, Time now) {
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
  if (action.deliver && flush(link->second, now)) {
    link->second.push->close(std::min(kLinger, most));
  }
  links_.erase(link);
}

void MemberLinks::close_all(Time now, Duration linger) {
  for (auto& [member, link] : links_) {
    if (flush(link, now)) link.push->close(linger);
  }
  links_.clear();
}

}  // namespace docmill
