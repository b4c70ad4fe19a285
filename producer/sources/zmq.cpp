// `zmq`: what a program of others sends over a raw ZeroMQ link.
#include <chrono>

#include "producer/files/file_documents.h"
#include "producer/sources/sources.h"
#include "producer/spooled/spooled_document.h"
#include "producer/spooled/spooled_source.h"
#include "shared/base/hash.h"
#include "shared/config/raw_schema.h"
#include "shared/runtime/raw_intake.h"

namespace docmill {
namespace {

constexpr std::uint64_t kTakenAtOnce = 1 << 20;  // bytes; a group of the spool
// The producer's loop waits no longer, whatever comes: messages that are dropped have no bytes to
// count, and one of few bytes may take long to inflate.
constexpr int kMaxMessagesPerTurn = 4096;
constexpr Duration kMaxTurn = std::chrono::milliseconds(50);

struct ZmqConfig : RawReceiveConfig {
  Bytes spool{std::uint64_t{1} << 30};
};

Schema<ZmqConfig> schema() {
  return with_raw_receive(
             Schema<ZmqConfig>(
                 "zmq",
                 "Takes each message of a raw ZeroMQ socket as a document. At most once until it "
                 "is in the spool, since the sender is not answered; exactly once from there."))
      .field("spool", &ZmqConfig::spool,
             "Room on the disk for what was taken and is not settled. When it is full, nothing is "
             "taken: a push waits, a pub drops.",
             at_least(Bytes{1 << 20}));
}

class ZmqInlet final : public Inlet {
 public:
  ZmqInlet(RawIntake intake, Bytes limit, const Clock& clock)
      : intake_(std::move(intake)), limit_(limit), clock_(clock) {}

  Result<void> take_in(Spool& spool) override {
    empty_ = false;
    std::uint64_t taken = 0;
    const Time until = clock_.now() + kMaxTurn;
    for (int i = 0; i < kMaxMessagesPerTurn && taken < kTakenAtOnce; ++i) {
      if (i > 0 && clock_.now() >= until) break;
      const auto step = waits_ ? RawIntake::Step::kDocument : intake_.receive(received_);
      empty_ = step == RawIntake::Step::kNone;
      if (empty_) break;
      if (step == RawIntake::Step::kDropped) continue;
      const auto kept = append(spool);
      // What the frames hold stays there until there is room.
      waits_ = !kept && kept.error().code == ErrorCode::kUnavailable;
      if (waits_) return {};
      if (!kept) return kept.error();
      taken += received_.document.bytes.size() + received_.document.notes.size() + 1;
    }
    return {};
  }
  void kept() override {}
  // Closes before the sync, which may take long: messages that arrive in between are lost.
  Result<bool> take_rest(Spool& spool, bool last) override {
    auto taken = take_in(spool);
    const bool more = taken && !last && !empty_ && !waits_;
    if (!more) intake_.close();
    if (!taken) return taken.error();
    return more;
  }

 private:
  // What never fits into the spool becomes a dead letter with a sample of it.
  Result<Spool::Appended> append(Spool& spool) const {
    const DocumentView& document = received_.document;
    auto kept = received_.reason.empty()
                    ? append_document(spool, {}, document.format, document.origin.source,
                                      document.notes, document.bytes)
                    : append_dead(spool, {}, document.format, document.origin.source,
                                  received_.reason, document.bytes);
    if (kept || kept.error().code != ErrorCode::kMalformed) return kept;
    const std::string_view sample = document.bytes.substr(0, sample_bytes(limit_));
    const std::string_view reason =
        received_.reason.empty() ? std::string_view(kept.error().text) : received_.reason;
    return append_dead(
        spool, {}, document.format, document.origin.source,
        std::string(reason) + whereabouts(sample.size(), 0, document.bytes.size(),
                                          document.bytes.size(), hash64(document.bytes)),
        sample);
  }

  RawIntake intake_;
  Bytes limit_;  // of a document
  const Clock& clock_;
  RawIntake::Received received_;
  bool waits_ = false;  // what was received last has no room
  bool empty_ = false;  // the last take_in() received everything
};

Result<std::unique_ptr<Source>> open(const std::any& settings, const SourceContext& context) {
  const auto& config = std::any_cast<const ZmqConfig&>(settings);
  auto intake = RawIntake::open(config,
                                {.sockets = *context.sockets,
                                 .clock = context.clock,
                                 .log = context.log,
                                 .place = "producer.source.zmq",
                                 .name = context.producer,
                                 .largest = context.limits.document},
                                *context.raw);
  if (!intake) return intake.error();
  return SpooledSource::open(
      std::make_unique<ZmqInlet>(std::move(*intake), context.limits.document, context.clock),
      config.spool, context);
}

}  // namespace

SourceComponent zmq_source() { return {schema(), open, spooled_kind}; }

}  // namespace docmill
