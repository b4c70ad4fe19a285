// The part of Transformer that handles batches, from a producer to the workers and on to the sinks.
#include <fmt/format.h>

#include <chrono>

#include "shared/base/hash.h"
#include "shared/protocol/owner.h"
#include "transformer/transformer.h"

namespace docmill {
namespace {

// Batches that wait for each thread in this process; the rest waits in the socket.
constexpr std::size_t kQueuedForEach = 4;
constexpr int kMaxMessagesPerTurn = 256;
// The report that a lone batch starts is on its way by then, also if the batch ends the process.
constexpr Duration kReportAhead = std::chrono::milliseconds(5);

// A producer that is not listed is never told anything: news for it would wait for ever.
Result<BatchHeader> expect_listed(Result<BatchHeader> header, const TransformerLinks& links) {
  if (header && !links.producers.contains(header->lineage.producer)) {
    return malformed(fmt::format("expected a producer of the pipeline file, found '{}'",
                                 header->lineage.producer));
  }
  return header;
}

}  // namespace

void Transformer::receive() {
  for (int turn = 0; turn < kMaxMessagesPerTurn; ++turn) {
    if (!check_ && !receive_message()) return;
    // A large payload is hashed during many steps, between which heartbeats are sent.
    if (check_ && !check_->advance()) return;
    auto header = check_ ? check_->header()
                         : malformed(fmt::format("expected two frames, found {}", message_.size()));
    check_.reset();
    take(message_, std::move(header));
  }
}

bool Transformer::receive_message() {
  if (lone_ || parts_.shop->jobs.size() >= kQueuedForEach * parts_.workers.size()) return false;
  if (!links_.documents.receive(message_)) return false;
  if (message_.size() == 2) check_.emplace(message_[0].bytes(), message_[1].bytes());
  return true;
}

void Transformer::take(std::vector<Frame>& message, Result<BatchHeader> header) {
  if (header && !recipient_.takes_input(*header, received_)) return;
  header = expect_listed(std::move(header), links_);
  if (!header) {
    if (malformed_++ == 0) {
      links_.log.warn("a message was dropped: {}", header.error().text);
    }
    return;
  }
  if (!links_.security.is_from(message.front(), Role::kProducer, header->lineage.producer,
                               "a message of")) {
    return;
  }
  received_ = links_.clock.now();
  switch (header->kind) {
    case MessageKind::kBatch:
      return accept(std::move(*header), std::move(message[1]));
    case MessageKind::kDefinition:
      return define(*header, message[1].bytes());
    case MessageKind::kEnd:
      return member_.on_end(*header);
  }
}

void Transformer::accept(BatchHeader header, Frame payload) {
  if (!member_.accept(header)) {
    ++returned_;
    return;
  }
  // Of a keyed batch each document has a sink of its own.
  if (!header.keyed &&
      parts_.shop->room.is_full(owner_of(header.lineage, header.sequence, header.sinks))) {
    member_.hand_back(header, ReturnReason::kSinkUnavailable);
    ++returned_;
    return;
  }
  Job job{std::move(header), std::move(payload)};
  if (job.header.alone) {
    lone_.emplace(LoneBatch{std::move(job), {}, false});
  } else {
    parts_.shop->jobs.put(std::move(job));
  }
}

// What is known to end transformers is reported before it can end this one, and nothing else is in
// hand that could.
void Transformer::start_lone_batch(Time now) {
  if (!lone_) return;
  if (lone_->started) {
    if (member_.held() == 0) lone_.reset();
  } else if (!lone_->reported) {
    if (member_.held() > 1) return;
    member_.started(lone_->job.header);
    heartbeats_.tell_all(member_, now);
    lone_->reported = now;
  } else if (now - *lone_->reported >= kReportAhead) {
    lone_->started = true;
    parts_.shop->jobs.put(std::move(lone_->job));
  }
}

void Transformer::define(const BatchHeader& header, std::string_view text) {
  if (parts_.shop->revisions.find(header.processors)) return;
  auto definition = hash64(text) == header.processors
                        ? decode_definition(text)
                        : malformed("their definition was changed on its way");
  auto chain =
      definition ? Chain::make(*definition, links_.log) : Result<Chain>(definition.error());
  if (!chain) {
    const std::string failure =
        fmt::format("processors {:016x} of {} cannot be made here: {}", header.processors,
                    header.lineage.producer, chain.error().text);
    if (const auto held_back = throttle_.due(failure, received_)) {
      links_.log.error(
          "{}; {} can make them: start this transformer with the version of docmill that {} has{}",
          failure, header.lineage.producer, header.lineage.producer, more_like_it(*held_back));
    }
    return;
  }
  links_.log.info(
      "using the processors {:016x} of {} for its batches; {} here differs: if that was edited, "
      "reload {} too",
      header.processors, header.lineage.producer,
      difference(*definition, *parts_.shop->revisions.find(parts_.revision)),
      header.lineage.producer);
  parts_.shop->revisions.add(header.processors, std::move(*definition));
  member_.define(header.processors);
}

void Transformer::hand_back(const WorkerEvent& event, Time now) {
  member_.hand_back(event.header, event.reason);
  ++returned_;
  if (event.error.empty()) return;
  const std::string& producer = event.header.lineage.producer;
  if (const auto held_back = throttle_.due(producer + ": " + event.error, now)) {
    links_.log.error("batch {} of {} is handed back: {}{}", event.header.sequence, producer,
                     event.error, more_like_it(*held_back));
  }
}

void Transformer::handle_events() {
  const Time now = links_.clock.now();
  for (WorkerEvent& event : parts_.shop->events.take()) {
    for (SinkMessage& message : event.messages) {
      outboxes_.put(std::move(message), parts_.shop->room, now);
    }
    switch (event.kind) {
      case WorkerEvent::Kind::kStarted:
        member_.started(event.header);
        break;
      case WorkerEvent::Kind::kMade:
        break;
      case WorkerEvent::Kind::kPassed:
        member_.passed(event.header);
        break;
      case WorkerEvent::Kind::kReturned:
        hand_back(event, now);
        break;
    }
  }
}

}  // namespace docmill
