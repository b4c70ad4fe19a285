// LedgerCore: the sink's side of the protocol - what is new, what is a repeat, what is refused -
// without I/O or clock.
//
// For each batch: judge() it, write what is fresh, settle() it. For each group of batches: make the
// outputs durable, commit take_facts() in one transaction, then send the acks that committed()
// gives. What is early waits (EarlyBatches) and is judged again when something of its producer was
// settled. Not thread-safe.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "shared/protocol/header.h"
#include "shared/protocol/ledger_state.h"
#include "shared/protocol/records.h"

namespace docmill {

enum class Verdict {
  kWrite,  // the documents of `fresh` are to be written, or were filtered or dead; the others are
           // repeats
  kEarly,  // its turn has not come: something before it is not settled here; nothing was noted
  kKnown,  // nothing left to write, or voided; it is acked with the next group
  kCollision,  // a known identity with other content: the documents of `fresh` become dead letters
  kRefused,    // not taken; `refusal` goes to the producer
  kMisrouted,  // it is another sink's; dropped and counted
};

// In which order the documents of one producer are written.
enum class WriteOrder {
  kAny,
  kSource,  // by sequence and index: a batch is written when the one before it, of those that this
            // sink owns, is settled whole, and so is all before its share
};

struct Judgement {
  Verdict verdict = Verdict::kKnown;
  Share fresh;
  std::optional<Refusal> refusal;
};

class LedgerCore {
 public:
  // name: of this sink. state: as loaded.
  LedgerCore(std::string name, LedgerState state, WriteOrder order = WriteOrder::kAny);

  Judgement judge(const BatchHeader& header);
  // What became of the fresh documents of a batch that was judged kWrite or kCollision, and how
  // many documents were written.
  void settle(const BatchHeader& header, const std::vector<SettledSpan>& outcomes,
              std::uint64_t written);

  // Documents of this group that settle() counted as written could not be written: the inputs that
  // they were made of are dead. inputs: sorted, one for each document, so that an input of several
  // documents may come several times. Before facts().
  void reject(const BatchHeader& header, std::span<const std::uint32_t> inputs);

  // What became of a batch that was judged kEarly: with the next acks its producer is told, so that
  // its member is free for others.
  void early(const BatchHeader& header, Early what);

  // Whether something waits for a commit or an ack.
  bool has_group() const { return !facts_.empty() || !acks_.empty() || !early_.empty(); }
  // What the next transaction must hold. Call committed() when it is durable, and judge nothing in
  // between.
  const LedgerFacts& facts();
  // The group is durable: the acks to send.
  std::vector<Ack> committed();

  const LedgerState& state() const { return state_; }
  std::uint64_t misrouted() const { return misrouted_; }

 private:
  bool may_own(const BatchHeader& header) const;
  std::uint64_t ledger_expected(const BatchHeader& header) const;
  std::optional<Refusal> refuse(const BatchHeader& header) const;
  std::optional<Refusal> refuse_run(const BatchHeader& header, const LineageLedger& ledger) const;
  std::uint64_t newest_epoch(const std::string& producer) const;
  LineageLedger& observe(const BatchHeader& header);
  void close_epochs_before(const Lineage& lineage);
  LedgerEntry* entry_of(const BatchHeader& header);
  void put_row(const BatchHeader& header, const LedgerEntry& entry);
  static Share fresh_of(const BatchHeader& header, const LedgerEntry* entry);
  static bool has_turn(const BatchHeader& header, const LineageLedger& ledger,
                       const LedgerEntry* entry);

  std::string name_;
  WriteOrder order_;
  LedgerState state_;  // with what is on its way to the disk
  LedgerFacts facts_;
  std::vector<BatchHeader> acks_;  // of the batches that the next commit settles
  std::vector<std::pair<BatchHeader, Early>> early_;
  std::uint64_t misrouted_ = 0;
};

}  // namespace docmill
