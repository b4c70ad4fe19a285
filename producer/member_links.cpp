#include "producer/member_links.h"

#include <chrono>

#include "shared/runtime/links.h"

namespace docmill {
namespace {

// More than a member is given at a time, so that sending hardly ever waits.
constexpr std::uint32_t kQueue = 256;
constexpr Duration kLinger = std::chrono::seconds(10);

}  // namespace

MemberLinks::MemberLinks(const Context& context, const LimitsConfig& limits,
                         const Security& security, Log& log)
    : context_(context), limits_(document_link(limits, kQueue)), security_(security), log_(log) {}

void MemberLinks::connect(const Connect& action) {
  links_.erase(action.member);
  // Its presence came with the key of that name: nobody else is taken for it.
  const auto curve = security_.way_to(std::string(transformer_of(action.name)));
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
  flush(link->second, now);
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
  for (auto& [member, link] : links_) flush(link, now);
}

void MemberLinks::disconnect(const Disconnect& action, Time now) {
  const auto link = links_.find(action.member);
  if (link == links_.end()) return;
  if (action.deliver && flush(link->second, now)) std::move(link->second.socket).close(kLinger);
  links_.erase(link);
}

void MemberLinks::close_all(Time now) {
  for (auto& [member, link] : links_) {
    if (flush(link, now)) std::move(link.socket).close(kLinger);
  }
  links_.clear();
}

}  // namespace docmill
