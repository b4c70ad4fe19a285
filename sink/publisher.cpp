#include "sink/publisher.h"

#include "shared/runtime/links.h"

namespace docmill {
namespace {

// A subscriber that is further behind misses documents.
constexpr std::uint32_t kQueue = 10000;

}  // namespace

Publisher::Publisher(PubSocket socket, std::string topic, const Clock& clock)
    : socket_(std::move(socket)), topic_(std::move(topic)), patience_(clock) {}

Result<Publisher> Publisher::open(const Context& context, const PublishConfig& config,
                                  const std::string& sink, Security& security, const Clock& clock) {
  auto socket = PubSocket::bind(context, expand(config.bind, "sink", sink).string(),
                                document_link(kQueue), security.door(Door::kPublished));
  if (!socket) return socket.error();
  return Publisher(std::move(*socket), config.topic, clock);
}

bool Publisher::full() const { return group_.size() >= kQueue / 2; }

void Publisher::publish() {
  patience_.begin_group();
  for (Waiting& waiting : group_) {
    if (waiting.removed) continue;
    Frame message[] = {Frame::copy(topic_), std::move(waiting.document)};
    // Without a topic the document is the only frame.
    const auto frames = topic_.empty() ? std::span(message).subspan(1) : std::span(message);
    patience_.send([&](bool drop) { return socket_.send(frames, drop); });
  }
  group_.clear();
}

}  // namespace docmill
