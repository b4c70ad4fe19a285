// The part of Transformer that handles batches, from a producer to the workers and on to the sinks.
#include <fmt/format.h>

#include "shared/base/hash.h"
#include "shared/protocol/owner.h"
#include "transformer/transformer.h"

namespace docmill {
namespace {

// Batches that wait for each thread in this process; the rest waits in the socket.
constexpr std::size_t kQueuedForEach = 4;
constexpr int kMaxMessagesPerTurn = 256;

// A producer that is not listed is never told anything: news for it would wait for ever.
Result<BatchHeader> read_message(const std::vector<Frame>& message, const NetworkConfig& network) {
  if (message.size() != 2) {
    return malformed(fmt::format("expected two frames, found {}", message.size()));
  }
  auto header = decode_header(message[0].bytes(), message[1].bytes());
  if (header && !network.producers.contains(header->lineage.producer)) {
    return malformed(fmt::format("expected a producer of the pipeline file, found '{}'",
                                 header->lineage.producer));
  }
  return header;
}

}  // namespace

void Transformer::receive() {
  for (int turn = 0; turn < kMaxMessagesPerTurn; ++turn) {
    if (shop_->jobs.size() >= kQueuedForEach * workers_.size()) return;
    if (!parts_.documents.receive(message_)) return;
    received_ = daemon_.clock().now();
    take(message_);
  }
}

void Transformer::take(std::vector<Frame>& message) {
  auto header = read_message(message, daemon_.config().network);
  if (!header) {
    if (malformed_++ == 0) {
      daemon_.log().warn("a message was dropped: {}", header.error().text);
    }
    return;
  }
  if (!daemon_.security().is_from(message.front(), Role::kProducer, header->lineage.producer,
                                  "a message of")) {
    return;
  }
  switch (header->kind) {
    case MessageKind::kBatch:
      return accept(std::move(*header), std::move(message[1]));
    case MessageKind::kDefinition:
      return define(*header, message[1].bytes());
    case MessageKind::kEnd:
      return parts_.member.on_end(*header);
  }
}

void Transformer::accept(BatchHeader header, Frame payload) {
  if (!parts_.member.accept(header)) {
    ++returned_;
    return;
  }
  // Of a keyed batch each document has a sink of its own.
  if (!header.keyed &&
      shop_->room.is_full(owner_of(header.lineage, header.sequence, header.sinks))) {
    parts_.member.hand_back(header, ReturnReason::kSinkUnavailable);
    ++returned_;
    return;
  }
  shop_->jobs.put({std::move(header), std::move(payload)});
}

void Transformer::define(const BatchHeader& header, std::string_view text) {
  if (shop_->revisions.find(header.processors)) return;
  auto definition = hash64(text) == header.processors
                        ? decode_definition(text)
                        : malformed("their definition was changed on its way");
  auto chain = definition ? Chain::make(*definition, daemon_.config().limits, daemon_.log())
                          : Result<Chain>(definition.error());
  if (!chain) {
    daemon_.log().error("processors {:016x} of {} cannot be made here: {}", header.processors,
                        header.lineage.producer, chain.error().text);
    return;
  }
  daemon_.log().info(
      "using the processors {:016x} of {} for its batches; {} here differs: if that was edited, "
      "reload {} too",
      header.processors, header.lineage.producer,
      difference(*definition, *shop_->revisions.find(own_revision_)), header.lineage.producer);
  shop_->revisions.add(header.processors, std::move(*definition));
  parts_.member.define(header.processors);
}

void Transformer::handle_events() {
  const Time now = daemon_.clock().now();
  for (WorkerEvent& event : shop_->events.take()) {
    for (SinkMessage& message : event.messages) {
      parts_.sinks.put(std::move(message), shop_->room, now);
    }
    switch (event.kind) {
      case WorkerEvent::Kind::kStarted:
        parts_.member.started(event.header);
        break;
      case WorkerEvent::Kind::kMade:
        break;
      case WorkerEvent::Kind::kPassed:
        parts_.member.passed(event.header);
        break;
      case WorkerEvent::Kind::kReturned:
        parts_.member.hand_back(event.header, event.reason);
        ++returned_;
        break;
    }
  }
}

}  // namespace docmill
