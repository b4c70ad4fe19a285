#include "sink/publisher.h"

#include "shared/runtime/links.h"

namespace docmill {
namespace {

// A subscriber that is further behind misses documents.
constexpr std::uint32_t kQueue = 10000;

}  // namespace

Publisher::Publisher(PubSocket socket, std::string topic, const Clock& clock)
    : socket_(std::move(socket)), topic_(std::move(topic)), queue_(clock) {}

Result<Publisher> Publisher::open(const Context& context, const PublishConfig& config,
                                  const std::string& sink, Security& security, const Clock& clock) {
  auto socket = PubSocket::bind(context, expand(config.bind, "sink", sink).string(),
                                document_link(kQueue), security.door(Door::kPublished));
  if (!socket) return socket.error();
  return Publisher(std::move(*socket), config.topic, clock);
}

bool Publisher::full() const { return group_.size() >= kQueue / 2; }

bool Publisher::send(Waiting& waiting, bool drop) {
  // Without a topic the document is the only frame.
  if (topic_.empty()) return socket_.send(std::span(&waiting.document, 1), drop);
  Frame message[] = {Frame::copy(topic_), std::move(waiting.document)};
  const bool sent = socket_.send(message, drop);
  if (!sent) waiting.document = std::move(message[1]);
  return sent;
}

Result<void> Publisher::settle() {
  std::erase_if(group_, [](const Waiting& waiting) { return waiting.removed; });
  const auto send_one = [this](Waiting& waiting, bool drop) { return send(waiting, drop); };
  return queue_.settle(group_, send_one) ? Result<void>() : unavailable("");
}

void Publisher::serve() {
  queue_.serve([this](Waiting& waiting, bool drop) { return send(waiting, drop); });
}

void Publisher::end() {
  queue_.drop_rest([this](Waiting& waiting, bool drop) { return send(waiting, drop); });
}

}  // namespace docmill
