// LedgerCore: the sink's side of the protocol - what is new, what is a repeat, what is refused -
// without I/O or clock.
//
// For each batch: judge() it, write what is fresh, settle() it. For each group of batches: make the
// outputs durable, commit facts() in one transaction, then send the acks that committed() gives.
// What is early waits (EarlyBatches) and is judged again when something of its producer was
// settled. Not thread-safe.
#pragma once

#include <map>
#include <optional>
#include <set>
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
  kMalformed,  // it contradicts what is known of its batch; dropped, and nothing was noted
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
  // name: of this sink. state: as loaded. life: a random number, new at each start.
  LedgerCore(std::string name, LedgerState state, WriteOrder order = WriteOrder::kAny,
             std::uint64_t life = 1);

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
  bool has_group() const { return has_changes() || !acks_.empty() || !early_.empty(); }
  // Whether the next transaction changes anything: facts() are not empty.
  bool has_changes() const {
    return !changed_rows_.empty() || !changed_lineages_.empty() || !closed_.empty();
  }
  // What the next transaction must hold. Call committed() when it is durable, and judge nothing in
  // between.
  const LedgerFacts& facts();
  // The group is durable: the acks to send.
  std::vector<Ack> committed();

  const LedgerState& state() const { return state_; }
  std::uint64_t misrouted() const { return misrouted_; }

 private:
  // A batch as the ledger knows it.
  struct RowKey {
    Lineage lineage;
    Sequence sequence = 0;
    std::uint64_t origin_hash = 0;
    auto operator<=>(const RowKey&) const = default;
  };
  // One message.
  struct EarlyKey {
    Lineage lineage;
    Sequence sequence = 0;
    std::uint32_t attempt = 0;
    std::uint32_t first = 0;  // document of its share
    auto operator<=>(const EarlyKey&) const = default;
  };

  bool may_own(const BatchHeader& header) const;
  ExpectedLedger ledger_expected(const BatchHeader& header) const;
  std::optional<Refusal> refuse(const BatchHeader& header) const;
  std::optional<Refusal> refuse_ledger(const BatchHeader& header) const;
  std::optional<Refusal> refuse_run(const BatchHeader& header, const LineageLedger& ledger) const;
  std::uint64_t newest_epoch(const std::string& producer) const;
  LineageLedger& observe(const BatchHeader& header);
  void keep_for_group(const Lineage& lineage, const LineageLedger::Entries& entries,
                      LineageLedger::Entries::const_iterator end);
  void close_epochs_before(const Lineage& lineage);
  LedgerEntry* entry_of(const RowKey& key);
  LedgerEntry* entry_of(const BatchHeader& header);
  static Share fresh_of(const BatchHeader& header, const LedgerEntry* entry);
  static bool has_turn(const BatchHeader& header, const LineageLedger& ledger,
                       const LedgerEntry* entry);

  std::string name_;
  WriteOrder order_;
  LedgerState state_;  // with changes that are not durable yet
  std::uint64_t life_;
  bool life_began_ = false;
  // What the next commit changes; the rows are made from the state when it comes.
  std::set<RowKey> changed_rows_;
  // Of these rows, those that a later batch of the group has made superfluous: no commit has them,
  // but their documents may still be rejected.
  std::map<RowKey, LedgerEntry> superfluous_;
  std::set<Lineage> changed_lineages_;
  std::vector<Lineage> closed_;
  LedgerFacts facts_;
  std::vector<BatchHeader> acks_;  // of the batches that the next commit settles
  std::map<EarlyKey, std::pair<BatchHeader, Early>> early_;
  std::uint64_t misrouted_ = 0;
};

}  // namespace docmill
