#include "producer/member_sockets.h"

#include <fmt/format.h>

#include "shared/runtime/links.h"
#include "shared/transport/push_socket.h"

namespace docmill {
namespace {

// More than a member is given at a time, so that sending hardly ever waits.
constexpr std::uint32_t kQueue = 256;

}  // namespace

MemberSockets::MemberSockets(const Context& context, const Security& security)
    : context_(context), limits_(document_link(kQueue)), security_(security) {}

Result<std::unique_ptr<PushLink>> MemberSockets::connect(const std::string& address,
                                                         const std::string& name) {
  // Its heartbeat came with the key of that name.
  const auto curve = security_.way_to(name);
  if (!curve) {
    return Error{curve.error().code, fmt::format("{} gets nothing: {}", name, curve.error().text)};
  }
  auto socket = PushSocket::connect(context_, address, limits_, *curve);
  if (!socket) {
    if (socket.error().code == ErrorCode::kUnavailable) return socket.error();
    return Error{socket.error().code,
                 fmt::format("a transformer announced an address that cannot be used: {}",
                             socket.error().text)};
  }
  return std::unique_ptr<PushLink>(std::make_unique<PushSocket>(std::move(*socket)));
}

}  // namespace docmill
