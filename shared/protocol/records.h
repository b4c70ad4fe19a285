// What comes to a producer's control socket: acks, refusals and heartbeats, each one frame.
//
// docs/wire-format.md has the drawings. Decoding checks magic, version, hash and every length.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "shared/base/result.h"
#include "shared/protocol/identity.h"
#include "shared/protocol/ledger_mark.h"
#include "shared/protocol/share.h"

namespace docmill {

// What a sink that keeps the order of sources does with a batch before its turn. The value is on
// the wire.
enum class Early : std::uint8_t {
  kNo = 0,
  kHeld = 1,     // it waits in the sink's memory
  kDropped = 2,  // there is no room for it; it is needed again when what is before it is settled
};

// A sink's word that shares are durably settled, sent only after the commit; or that a batch came
// before its turn, which settles nothing.
struct Ack {
  struct Entry {
    Sequence sequence = 0;
    std::uint32_t attempt = 0;
    std::uint64_t origin_hash = 0;
    std::vector<SettledSpan> settled;  // sorted and disjoint; none when it is early
    Early early = Early::kNo;
    bool operator==(const Entry&) const = default;
  };

  std::string sink;
  LedgerMark ledger;  // with the commit that the entries rely on
  Lineage lineage;
  Run run;
  std::vector<Entry> entries;
  bool operator==(const Ack&) const = default;
};

// Why a sink does not take the batches of a run. The value is on the wire.
enum class RefusalReason : std::uint8_t {
  kRolledBack = 1,       // the checkpoint is below the sink's watermark: older state was put back
  kSecondRun = 2,        // another run with the same counter is known: two holders of one state
  kSwappedLedger = 3,    // the producer met another ledger at this sink
  kClosedEpoch = 4,      // a later epoch of the producer is known
  kOldRun = 5,           // a later run is known: late news, or older state that was put back
  kRestoredLedger = 6,   // a commit that the sink acknowledged is not in its ledger
  kForgottenLedger = 7,  // the producer was told to forget this ledger
};

struct Refusal {
  std::string sink;
  Lineage lineage;
  Run run;
  RefusalReason reason = RefusalReason::kRolledBack;
  std::string text;  // what was expected and found
  bool operator==(const Refusal&) const = default;
};

enum class MemberState : std::uint8_t { kReady = 1, kDraining = 2, kGone = 3 };

// Why a member gives a batch back unprocessed. The value is on the wire.
enum class ReturnReason : std::uint8_t {
  kUnknownProcessors = 1,  // the revision was never defined to it
  kUnknownSink = 2,        // its pipeline file has no address for a sink of the list
  kSinkUnavailable = 3,    // what waits for the sink has reached its limit
  kLeaving = 4,            // the member ends before it could process it
  kUnreadable = 5,         // its payload is not what a producer sends
};

// A batch by the attempt that a member got.
struct Attempt {
  Sequence sequence = 0;
  std::uint32_t attempt = 0;
  auto operator<=>(const Attempt&) const = default;
};

// A member's heartbeat to one producer, and its news about that producer's batches.
//
// A member is a transformer: one address that feeds `capacity` threads.
struct Heartbeat {
  struct Returned {
    Sequence sequence = 0;
    std::uint32_t attempt = 0;
    ReturnReason reason = ReturnReason::kSinkUnavailable;
    bool operator==(const Returned&) const = default;
  };

  std::string member;
  std::uint64_t incarnation = 0;  // new at each start
  std::string address;            // where it pulls documents: tcp or ipc
  MemberState state = MemberState::kReady;
  std::uint32_t capacity = 1;      // threads
  Run run;                         // the producer run that the rest is about
  std::uint32_t queued = 0;        // batches that wait for a thread
  std::vector<Attempt> started;    // batches that threads work on now
  std::vector<Attempt> passed;     // news: their outputs are on their way to the sinks
  std::vector<Returned> returned;  // news: given back unprocessed
  bool operator==(const Heartbeat&) const = default;
};

using ControlRecord = std::variant<Ack, Refusal, Heartbeat>;

// Whom a record is for. Addresses change hands, so that a producer takes only what names it.
struct Addressee {
  std::string pipeline;
  std::string producer;
  bool operator==(const Addressee&) const = default;
};

struct ControlMessage {
  Addressee to;
  ControlRecord record;
};

std::string encode(const ControlRecord& record, const Addressee& to);
Result<ControlMessage> decode_control(std::string_view frame);

}  // namespace docmill
