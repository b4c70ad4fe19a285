// The part of LedgerCore that refuses batches: those for another ledger or history than this one,
// and those of state that was put back, copied or thrown away.
#include <fmt/chrono.h>
#include <fmt/format.h>

#include <ctime>

#include "shared/base/random.h"
#include "shared/protocol/ledger_core.h"

namespace docmill {

std::uint64_t LedgerCore::newest_epoch(const std::string& producer) const {
  const auto after = state_.lineages.upper_bound({producer, ~std::uint64_t{0}});
  if (after == state_.lineages.begin()) return 0;
  const Lineage& newest = std::prev(after)->first;
  return newest.producer == producer ? newest.epoch : 0;
}

ExpectedLedger LedgerCore::ledger_expected(const BatchHeader& header) const {
  for (std::size_t i = 0; i < header.ledgers.size(); ++i) {
    if (header.sinks[i] == name_) return header.ledgers[i];
  }
  return {};
}

std::optional<Refusal> LedgerCore::refuse_ledger(const BatchHeader& header) const {
  const auto refusal = [&](RefusalReason reason, std::string text) {
    return Refusal{name_, header.lineage, header.run, reason, std::move(text)};
  };
  const ExpectedLedger expected = ledger_expected(header);
  if (expected.id == 0 && expected.forgotten == state_.id) {
    return refusal(
        RefusalReason::kForgottenLedger,
        fmt::format("ledger {:016x} was given up with 'docmill sink forget'; the documents that it "
                    "had not acknowledged went to another one; start {} with an empty state folder",
                    state_.id, name_));
  }
  if (expected.id != 0 && expected.id != state_.id) {
    return refusal(
        RefusalReason::kSwappedLedger,
        fmt::format(
            "expected ledger {:016x}, found {:016x}; put this sink's state folder back, or, if it "
            "is lost, run 'docmill sink forget FILE {}' on the hosts of the producers, or start "
            "the whole pipeline over with --fresh",
            expected.id, state_.id, name_));
  }
  if (state_.has(expected.life, expected.commit)) return std::nullopt;
  const auto known = state_.lineages.find(header.lineage);
  const Sequence watermark = known == state_.lineages.end() ? 0 : known->second.watermark;
  return refusal(
      RefusalReason::kRestoredLedger,
      fmt::format("an older copy of this sink's state was put back: commit {} was acknowledged, "
                  "found a ledger that ends at commit {} and has batches up to {} of {}; put the "
                  "newer state back, or accept the loss with 'docmill sink accept FILE {}' on the "
                  "hosts of the producers, or start the whole pipeline over with --fresh",
                  expected.commit, state_.commits, watermark, header.lineage.producer, name_));
}

std::optional<Refusal> LedgerCore::refuse(const BatchHeader& header) const {
  const auto refusal = [&](RefusalReason reason, std::string text) {
    return Refusal{name_, header.lineage, header.run, reason, std::move(text)};
  };
  if (auto refused = refuse_ledger(header)) return refused;
  const std::uint64_t newest = newest_epoch(header.lineage.producer);
  if (header.lineage.epoch < newest) {
    return refusal(
        RefusalReason::kClosedEpoch,
        fmt::format("epoch {:016x} of {} is closed: epoch {:016x} was begun later; what "
                    "is still on its way of the old one is dropped; stop the producer "
                    "that has it, or, if there is no other and a clock was ahead, start "
                    "it with --fresh after {:%FT%TZ}",
                    header.lineage.epoch, header.lineage.producer, newest,
                    fmt::gmtime(static_cast<std::time_t>(milliseconds_of(newest) / 1000 + 1))));
  }
  const auto known = state_.lineages.find(header.lineage);
  if (known == state_.lineages.end()) return std::nullopt;
  return refuse_run(header, known->second);
}

std::optional<Refusal> LedgerCore::refuse_run(const BatchHeader& header,
                                              const LineageLedger& ledger) const {
  const auto refusal = [&](RefusalReason reason, std::string text) {
    return Refusal{name_, header.lineage, header.run, reason, std::move(text)};
  };
  if (header.run.counter == ledger.run.counter && header.run.nonce != ledger.run.nonce) {
    return refusal(
        RefusalReason::kSecondRun,
        fmt::format("another run {} of {} is known here; its state folder was copied, or an old "
                    "one was put back; stop one of them, and go on with the newest folder",
                    header.run.counter, header.lineage.producer));
  }
  if (header.run.counter < ledger.run.counter) {
    // Of no use to anybody: its acks are heeded no more, and the later run sends again what is not
    // settled. To take it would let older state that was put back settle what it has cut otherwise.
    return refusal(
        RefusalReason::kOldRun,
        fmt::format("run {} of {} is older than run {}, which is known here, and is not taken any "
                    "more; if it is alive, an old state folder was put back; put the newest one "
                    "back, or start the whole pipeline over with --fresh",
                    header.run.counter, header.lineage.producer, ledger.run.counter));
  }
  if (header.run.counter > ledger.run.counter && header.checkpoint < ledger.watermark) {
    return refusal(
        RefusalReason::kRolledBack,
        fmt::format(
            "its state says that batch {} is the last whole one, but {} was; an old state folder "
            "was put back; put the newest one back, or start the whole pipeline over with --fresh",
            header.checkpoint, ledger.watermark));
  }
  return std::nullopt;
}

}  // namespace docmill
