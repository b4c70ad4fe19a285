#include "producer/member_links.h"

#include <chrono>

#include "shared/runtime/links.h"

namespace docmill {
namespace {

// More than a member is given at a time, so that sending hardly ever waits.
constexpr std::uint32_t kQueue = 256;
// For what a member that leaves, or takes nothing right now, is still to get.
constexpr Duration kLinger = std::chrono::seconds(5);

}  // namespace

MemberLinks::MemberLinks(const Context& context, const LimitsConfig& limits,
                         const Security& security, Log& log)
    : context_(context), limits_(document_link(limits, kQueue)), security_(security), log_(log) {}

void MemberLinks::connect(const Connect& action) {
  links_.erase(action.member);
  // Its heartbeat came with the key of that name.
  const auto curve = security_.way_to(action.name);
  if (!curve) {
    log_.error("{} gets nothing: {}", action.name, curve.error().text);
    return;
  }
  auto socket = PushSocket::connect(context_, action.address, limits_, *curve);
  if (!socket) {
    log_.error("a transformer announced an address that cannot be used: {}", socket.error().text);
    return;
  }
  links_.emplace(action.member, Link{std::move(*socket), {}});
}

void MemberLinks::send(const Send& action, Time now) {
  const auto link = links_.find(action.member);
  if (link == links_.end())
    return;  // its address could not be used; the batch is sent again elsewhere
  link->second.waiting.emplace_back(Frame::copy(encode(action.header, action.payload_hash)),
                                    Frame::share(action.payload));
  if (!flush(link->second, now)) waiting_.insert(action.member);
}

bool MemberLinks::flush(Link& link, Time now) {
  while (!link.waiting.empty()) {
    Frame message[] = {std::move(link.waiting.front().first),
                       std::move(link.waiting.front().second)};
    if (!link.socket.send(message, now)) {
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

void MemberLinks::disconnect(const Disconnect& action, Time now) {
  const auto link = links_.find(action.member);
  if (link == links_.end()) return;
  if (action.deliver && flush(link->second, now)) link->second.socket.close(kLinger);
  links_.erase(link);
}

void MemberLinks::close_all(Time now, Duration linger) {
  for (auto& [member, link] : links_) {
    if (flush(link, now)) link.socket.close(linger);
  }
  links_.clear();
}

}  // namespace docmill
