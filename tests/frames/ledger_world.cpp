#include "tests/frames/ledger_world.h"

#include <fmt/format.h>

#include <algorithm>

#include "tests/protocol/codec_samples.h"

namespace docmill {
namespace {

constexpr std::uint32_t kDocuments = 6;
// A frame may say that a batch has four thousand million documents, and its hash be right.
constexpr std::uint32_t kDocumentsCounted = 1000;

LedgerState empty_ledger() {
  LedgerState state;
  state.id = 9;
  return state;
}

std::string told(std::string_view what, const BatchHeader& header, std::uint32_t index) {
  return fmt::format("{}: document {} of batch {} of {}", what, index, header.sequence,
                     header.lineage.producer);
}

}  // namespace

LedgerWorld::LedgerWorld(FrameMutator& dice)
    : dice_(dice),
      core_("s1", empty_ledger(), dice.one_in(2) ? WriteOrder::kSource : WriteOrder::kAny) {}

const std::string& LedgerWorld::payload() {
  static const std::string payload = samples::payload();
  return payload;
}

std::string LedgerWorld::frame() {
  BatchHeader header;
  header.processed = true;
  header.lineage = {"p1", 7};
  header.run = {3, 33};
  header.sequence = dice_.below(30) + 1;
  header.attempt = 1;
  header.documents = kDocuments;
  const auto begin = static_cast<std::uint32_t>(dice_.below(kDocuments));
  const auto end = static_cast<std::uint32_t>(begin + 1 + dice_.below(kDocuments - begin));
  header.share = {dice_.one_in(2) ? Span{0, kDocuments} : Span{begin, end}};
  header.sinks = {"s1"};
  header.ledgers = {{}};
  if (dice_.one_in(4)) header.ledgers[0].id = 9;
  if (dice_.one_in(8)) header.ledgers[0].forgotten = 10;
  header.checkpoint = dice_.one_in(20) ? dice_.below(8) : 0;
  header.previous = dice_.one_in(2) ? header.sequence - 1 : 0;
  header.origin_hash = 500 + header.sequence + (dice_.one_in(20) ? 100 : 0);
  std::string frame = encode(header, payload());
  return dice_.one_in(3) ? frame : sealed_header(dice_.mutate(std::move(frame)), payload());
}

std::string LedgerWorld::feed(const BatchHeader& header) {
  if (header.documents > kDocumentsCounted) return "";
  std::uint64_t& newest = newest_epoch_[header.lineage.producer];
  const Judgement judgement = core_.judge(header);
  if (judgement.verdict == Verdict::kMisrouted) return "";
  if (judgement.verdict == Verdict::kMalformed) return "";
  if (judgement.verdict == Verdict::kRefused) {
    const auto again = decode_control(encode(ControlRecord(*judgement.refusal), {}));
    return again && std::get<Refusal>(again->record) == *judgement.refusal
               ? ""
               : "a refusal was changed";
  }
  if (header.lineage.epoch < newest) return told("taken of a closed epoch", header, 0);
  newest = header.lineage.epoch;
  Sequence& watermark = watermarks_[header.lineage];
  watermark = std::max(watermark, header.checkpoint);
  if (judgement.verdict != Verdict::kEarly && header.sequence > watermark) {
    content_.try_emplace({header.lineage, header.sequence}, header.origin_hash);
  }
  if (judgement.verdict == Verdict::kEarly) {
    core_.early(header, dice_.one_in(2) ? Early::kHeld : Early::kDropped);
  } else if (judgement.verdict != Verdict::kKnown) {
    if (std::string found = write(header, judgement); !found.empty()) return found;
  }
  return dice_.one_in(4) ? commit() : "";
}

std::string LedgerWorld::write(const BatchHeader& header, const Judgement& judgement) {
  if (header.sequence <= watermarks_[header.lineage]) {
    return told("written below the watermark", header, 0);
  }
  const bool other = content_.at({header.lineage, header.sequence}) != header.origin_hash;
  if (other && judgement.verdict == Verdict::kWrite) {
    return told("other content taken for the same", header, 0);
  }
  std::set<std::uint32_t>& known =
      documents_[{header.lineage, header.sequence, header.origin_hash}];
  std::vector<SettledSpan> outcomes;
  for (const Span& span : judgement.fresh) {
    for (std::uint32_t index = span.begin; index < span.end; ++index) {
      if (!contains(header.share, index)) return told("not asked for", header, index);
      if (!known.insert(index).second) return told("written twice", header, index);
      ++written_;
    }
    outcomes.push_back(
        {span.begin, span.end,
         judgement.verdict == Verdict::kWrite ? Outcome::kDelivered : Outcome::kDead});
  }
  core_.settle(header, outcomes, count(judgement.fresh));
  return "";
}

std::string LedgerWorld::commit() {
  if (!core_.has_group()) return "";
  core_.facts();
  for (const Ack& ack : core_.committed()) {
    const auto again = decode_control(encode(ControlRecord(ack), {}));
    if (!again || std::get<Ack>(again->record) != ack) return "an ack was changed on its way";
    for (const Ack::Entry& entry : ack.entries) {
      if (entry.sequence <= watermarks_[ack.lineage]) continue;
      const auto& known = documents_[{ack.lineage, entry.sequence, entry.origin_hash}];
      for (const SettledSpan& span : entry.settled) {
        for (std::uint32_t index = span.begin; index < span.end; ++index) {
          if (known.contains(index) || span.outcome == Outcome::kVoid) continue;
          return fmt::format("acked and never written: document {} of batch {}", index,
                             entry.sequence);
        }
      }
    }
  }
  const LedgerTotals& totals = core_.state().totals;
  return totals.delivered + totals.dead == written_ ? "" : "the totals are not what was written";
}

}  // namespace docmill
