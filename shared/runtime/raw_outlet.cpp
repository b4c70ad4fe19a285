#include "shared/runtime/raw_outlet.h"

#include "shared/base/binary.h"
#include "shared/document/notes.h"
#include "shared/runtime/raw_peers.h"

namespace docmill {
namespace {

// Documents make topics up; beyond so many, all count from 0 again.
constexpr std::size_t kTopicsAtMost = 65536;

}  // namespace

Result<RawOutlet> RawOutlet::open(const RawSendConfig& config, const Context& sockets,
                                  const std::string& place, const std::string& name) {
  auto settings = raw_settings(config, name);
  if (!settings) return Error{settings.error().code, place + ": " + settings.error().text};
  settings->kind = config.type == RawSender::kPush ? Socket::Kind::kPush : Socket::Kind::kPub;
  auto socket = ForeignSocket::open(sockets, *settings);
  if (!socket) return Error{socket.error().code, place + ": " + socket.error().text};
  return RawOutlet(config, std::move(*socket), raw_source(config, name));
}

bool RawOutlet::send(const DocumentView& document) {
  std::array<Frame, 3> message;
  std::size_t frames = 0;
  const std::string topic = topic_of(document);
  if (config_.topic == TopicPlace::kFrame) message[frames++] = Frame::copy(topic);
  if (config_.topic == TopicPlace::kPrefix) {
    message[frames++] = Frame::copy(topic + config_.separator + std::string(document.bytes));
  } else {
    message[frames++] = Frame::copy(document.bytes);
  }
  if (config_.sequence == RawSequence::kNone) return socket_.send(std::span(message).first(frames));
  if (sequences_.size() >= kTopicsAtMost) sequences_.clear();
  std::uint32_t& next = sequences_[topic];
  std::string counter;
  BinaryWriter(counter).number(next);
  message[frames++] = Frame::copy(counter);
  const bool taken = socket_.send(std::span(message).first(frames));
  if (taken) ++next;
  return taken;
}

std::string RawOutlet::topic_of(const DocumentView& document) const {
  if (config_.topic == TopicPlace::kNone) return {};
  if (!config_.topic_note.empty()) {
    if (auto note = find_note(document.notes, config_.topic_note)) return std::move(*note);
  }
  return config_.topic_name;
}

}  // namespace docmill
