// Sink: takes batches, writes what its ledger does not have, commits output and ledger together,
// then acks.
//
// One thread, which calls step() again and again; a step never waits for a peer longer than one
// sync() of an output may. What arrives while a group is committed waits in the backlog. A full
// disk, a locked database and a server that is away make the sink try again; a disk that fails ends
// it. Owns its store and outputs; the links, clock and log outlive it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "shared/base/log.h"
#include "shared/protocol/early_batches.h"
#include "shared/protocol/ledger_core.h"
#include "shared/protocol/payload.h"
#include "shared/runtime/backlog.h"
#include "shared/runtime/component.h"
#include "shared/runtime/stop_request.h"
#include "shared/store/ledger_store.h"
#include "shared/transport/pull_link.h"
#include "sink/dead_letters.h"
#include "sink/group_commit.h"
#include "sink/group_documents.h"
#include "sink/inbox.h"
#include "sink/output_routes.h"
#include "sink/producer_link.h"
#include "sink/publisher.h"
#include "sink/served_outputs.h"

namespace docmill {

struct SinkLinks {
  PullLink& batches;
  ProducerLink& producers;
  StopRequest& stop;
  const Clock& clock;
  Log& log;
};

struct SinkParts {
  std::string pipeline;  // its name
  std::string name;
  std::unique_ptr<LedgerStore> store;         // outputs know it
  LedgerState state;                          // as the store has it
  std::uint64_t life = 0;                     // random; of this start, see LedgerCore
  std::unique_ptr<DeadLetters> dead_letters;  // outputs know it
  std::vector<std::unique_ptr<Output>> outputs;
  std::vector<std::string> places;  // of the outputs, "sink.outputs.sqlite"
  OutputRoutes routes;
  std::optional<Publisher> publisher;
  WriteOrder order = WriteOrder::kAny;
  EarlyLimits early;
};

class Sink {
 public:
  struct Counters {
    LedgerTotals committed;
    std::uint64_t early = 0;
    std::uint64_t early_bytes = 0;
    std::uint64_t early_dropped = 0;
    std::uint64_t unread_dropped = 0;  // while it waited
    std::uint64_t refused = 0;
    std::uint64_t malformed = 0;
    std::uint64_t misrouted = 0;
  };

  Sink(SinkParts parts, const SinkLinks& links);
  Sink(const Sink&) = delete;
  Sink& operator=(const Sink&) = delete;

  // One turn: takes what has arrived, or gets on with the commit. False: it has ended, as asked.
  // Any Error ends it, too; what was not committed is sent again.
  Result<bool> step();
  // For how long there is nothing to do, unless a batch arrives (where it listens), a signal, or
  // something at an output.
  Duration idle() const;
  bool listens() const { return !commit_.active() && seen_stops_ == 0; }
  const std::vector<std::unique_ptr<Output>>& outputs() const { return parts_.outputs; }
  Counters counters() const;

 private:
  static std::optional<GroupDocuments> documents_to_keep(const SinkParts& parts);
  bool may_receive(int stops);
  bool receive_group();
  bool is_full() const;
  void take(std::vector<Frame>& message);
  bool take_early();
  // False when its turn has not come.
  bool accept(const BatchHeader& header, std::string_view payload);
  void write(const BatchHeader& header, const Judgement& judgement, std::string_view payload);
  void give(const BatchHeader& header, const DocumentId& id, const Entry& entry,
            const std::vector<Output*>& takers);

  void begin_commit(bool stopping);
  void acknowledge();
  // What an error of the commit means: false, the sink gives up; or the error.
  Result<bool> retry(const Error& error);
  Result<bool> given_up();
  bool finish();
  void end_outputs();
  bool is_overdue(Time now) const { return links_.stop.deadline().value_or(Time::max()) <= now; }
  // idle(), but for what is still being sent to subscribers.
  Duration idle_of_groups() const;

  SinkParts parts_;
  SinkLinks links_;
  Backlog backlog_;
  Inbox inbox_;
  LedgerCore core_;
  LedgerTotals committed_;  // what may be reported; core_ is ahead of it by the group
  EarlyBatches early_;
  std::optional<GroupDocuments> kept_;  // where an output can reject documents
  GroupCommit commit_;
  ServedOutputs served_;
  // A producer of which something was settled: the turn of what is early may have come.
  std::optional<std::string> moved_;
  std::vector<Frame> message_;
  std::uint64_t group_bytes_ = 0;
  std::uint64_t group_limit_ = 1 << 20;  // adapts to how long commits take
  Time commit_began_{};
  Time next_commit_{};
  std::optional<Time> retry_at_;  // after an error that time may cure
  int seen_stops_ = 0;
  std::optional<Time> receive_until_;  // when asked to stop
  bool drained_ = false;               // asked to stop, and takes nothing more
  bool last_commit_ = false;           // the one that ends what the outputs have begun
  std::uint64_t refused_ = 0;
};

}  // namespace docmill
