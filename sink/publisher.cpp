#include "sink/publisher.h"

#include "shared/runtime/links.h"

namespace docmill {
namespace {

// A subscriber that is further behind misses documents.
constexpr std::uint32_t kQueue = 10000;

}  // namespace

Result<Publisher> Publisher::open(const Context& context, const PipelineConfig& config) {
  auto socket =
      PubSocket::bind(context, config.sink.publish->bind, document_link(config.limits, kQueue));
  if (!socket) return socket.error();
  return Publisher(std::move(*socket), config.sink.publish->topic);
}

void Publisher::publish() {
  for (Frame& document : group_) {
    Frame message[] = {Frame::copy(topic_), std::move(document)};
    socket_.send(message);
  }
  group_.clear();
}

}  // namespace docmill
