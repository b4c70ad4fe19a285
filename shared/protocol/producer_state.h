// What a producer must not forget, and the changes to it that are committed together.
//
// Identity rests on it: what decides which documents a sequence holds is durable before the first
// send that depends on it. Values; the store (shared/store) keeps them, the simulation forgets some
// on purpose.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "shared/base/units.h"
#include "shared/protocol/identity.h"
#include "shared/protocol/ledger_mark.h"

namespace docmill {

// A batch closes at the latest when it holds this much. A single larger document is a batch of its
// own.
struct BatchLimits {
  std::uint32_t documents = 1024;
  Bytes bytes{256 << 10};
  bool operator==(const BatchLimits&) const = default;
};

// Everything that decides how documents become batches and where they go.
struct Plan {
  BatchLimits limits;
  std::vector<std::string> sinks;  // names, in the order of the pipeline file
  bool keyed = false;              // the key of a document says which of them is its
  std::uint64_t processors = 0;    // the revision: a hash of the definition
  std::string definition;          // sent to members that do not have the revision; may be large
  std::string source_text;         // the source as configured, and how it reads
  // Where sources of other kinds were left, by kind: there they resume when they are used again.
  std::map<std::string, std::string> left;
  // By the revision; definitions are not compared.
  bool operator==(const Plan& other) const {
    return limits == other.limits && sinks == other.sinks && keyed == other.keyed &&
           processors == other.processors && source_text == other.source_text && left == other.left;
  }
};

struct PlanFrom {
  Sequence first = 1;
  Plan plan;
  bool operator==(const PlanFrom&) const = default;
};

// Where a batch was closed though its limits did not force it.
struct Cut {
  std::uint32_t documents = 0;
  bool boundary = false;  // an input ends here: the next document is of another file
  bool operator==(const Cut&) const = default;
};

struct Totals {
  std::uint64_t delivered = 0;
  std::uint64_t filtered = 0;
  std::uint64_t dead = 0;
  bool operator==(const Totals&) const = default;
  std::uint64_t documents() const { return delivered + filtered + dead; }
};

// Everything up to and including `sequence` is whole; `position` is the source's, after its last
// document.
struct Checkpoint {
  Sequence sequence = 0;
  std::string position;
  Totals totals;
  bool operator==(const Checkpoint&) const = default;
};

// The ledger of a sink, as far as its acks have shown it.
struct KnownLedger {
  LedgerMark mark;
  std::uint64_t documents = 0;  // up to the checkpoint, that this ledger has settled
  bool operator==(const KnownLedger&) const = default;
};

// A ledger that was given up (forget_sink.h): neither its acks nor its sink are taken any more.
struct ForgottenLedger {
  std::string sink;
  std::uint64_t id = 0;
  bool operator==(const ForgottenLedger&) const = default;
};

struct ProducerState {
  Lineage lineage;
  Run run;                // of this start
  Sequence reserved = 0;  // the highest sequence that may have been sent
  std::map<Sequence, Cut> cuts;
  std::vector<PlanFrom> plans;  // by first sequence; the first one covers checkpoint + 1
  Checkpoint checkpoint;
  std::map<std::string, KnownLedger> ledgers;  // by sink
  std::vector<ForgottenLedger> forgotten;      // in the order in which they were
  bool operator==(const ProducerState&) const = default;

  // The plan in force at the sequence; plans must not be empty.
  const PlanFrom& plan_at(Sequence sequence) const;
  // What a batch tells the sink.
  ExpectedLedger expected_of(const std::string& sink) const;
};

// Changes that become durable together or not at all.
struct ProducerFacts {
  std::optional<Sequence> reserved;
  std::vector<std::pair<Sequence, Cut>> cuts;
  std::vector<PlanFrom> plans;
  std::optional<Checkpoint> checkpoint;
  std::vector<std::pair<std::string, KnownLedger>> ledgers;

  bool empty() const;
};

// Applies the facts, and forgets what the checkpoint has made superfluous.
void apply(const ProducerFacts& facts, ProducerState& state);

}  // namespace docmill
