#include "shared/runtime/raw_intake.h"

#include <fmt/format.h>

#include <utility>

#include "shared/config/pipeline.h"
#include "shared/document/notes.h"
#include "shared/document/utf8.h"
#include "shared/runtime/raw_peers.h"

namespace docmill {
namespace {

// Of topics that are no text.
constexpr std::string_view kNoText = "(no UTF-8)";
constexpr std::size_t kLongestSource = 1024;

}  // namespace

Result<RawIntake> RawIntake::open(const RawReceiveConfig& config, Context context,
                                  RawCounters& counters) {
  auto settings = raw_settings(config, context.name);
  if (!settings) return Error{settings.error().code, context.place + ": " + settings.error().text};
  settings->kind = config.type == RawReceiver::kPull ? Socket::Kind::kPull : Socket::Kind::kSub;
  settings->subscribe = config.subscribe;
  settings->log = &context.log;
  settings->limits.frames = config.frames;
  // What is twice as large as a document may be is still kept as a dead letter.
  settings->limits.frame = {context.largest.count * 2};
  auto socket = ForeignSocket::open(context.sockets, *settings);
  if (!socket) return Error{socket.error().code, context.place + ": " + socket.error().text};
  return RawIntake(config, std::move(context), counters, std::move(*socket));
}

RawIntake::RawIntake(const RawReceiveConfig& config, Context context, RawCounters& counters,
                     ForeignSocket socket)
    : context_(std::move(context)),
      counters_(&counters),
      socket_(std::move(socket)),
      message_(config, context_.largest),
      has_topics_(config.topic != TopicPlace::kNone),
      source_(raw_source(config, context_.name).substr(0, kLongestSource)) {}

RawIntake::Step RawIntake::receive(Received& received) {
  const bool came = socket_.receive(frames_);
  const std::uint64_t surplus =
      socket_.discarded() - std::exchange(discarded_, socket_.discarded());
  if (surplus > 0) drop(surplus, "a message was dropped: it had more frames than 'frames' allows");
  if (!came) return surplus > 0 ? Step::kDropped : Step::kNone;
  const auto read = message_.read(frames_);
  // It came, whatever is in it. Without the topic that its sender counts by nothing is known.
  if (message_.sequence() && (read || message_.topic() || !has_topics_)) watch_sequence();
  if (!read) {
    drop(1, "a message was dropped: " + read.error().text);
    return Step::kDropped;
  }
  ++counters_->received;
  note(received);
  return Step::kDocument;
}

void RawIntake::drop(std::uint64_t messages, const std::string& text) {
  counters_->malformed += messages;
  say("dropped", text);
}

void RawIntake::note(Received& received) {
  notes_.clear();
  if (message_.topic()) {
    set_note(notes_, "topic", is_utf8(*message_.topic()) ? *message_.topic() : kNoText);
  }
  if (message_.sequence()) set_note(notes_, "sequence", std::to_string(*message_.sequence()));
  received.document = {.format = message_.format(),
                       .bytes = message_.bytes(),
                       .origin = {.source = source_, .record = counters_->received},
                       .notes = notes_};
  received.reason = message_.fault();
}

void RawIntake::watch_sequence() {
  const std::string topic = message_.topic().value_or("");
  const auto look = sequences_.look(topic, *message_.sequence());
  if (look.anew) {
    say("anew " + topic,
        fmt::format("the sequence of topic '{}' begins anew at {}", topic, *message_.sequence()));
  }
  if (look.missed == 0) return;
  counters_->missed += look.missed;
  say("missed", fmt::format("{} messages of topic '{}' are missing before sequence {}; {} in all",
                            look.missed, topic, *message_.sequence(), counters_->missed.load()));
}

void RawIntake::say(const std::string& kind, const std::string& text) {
  if (const auto held_back = throttle_.due(kind, context_.clock.now())) {
    context_.log.warn("{}: {}{}", context_.place, text, more_like_it(*held_back));
  }
}

}  // namespace docmill
