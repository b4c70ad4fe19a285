// Sink: takes batches, writes what its ledger does not have, commits output and ledger together,
// then acks.
//
// One thread, one loop. What arrives while a group is committed waits in the socket. A full disk, a
// locked database and a server that is away make it wait and try again; a disk that fails ends it.
#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "shared/protocol/early_batches.h"
#include "shared/protocol/ledger_core.h"
#include "shared/protocol/payload.h"
#include "shared/runtime/component.h"
#include "shared/runtime/daemon.h"
#include "shared/runtime/telemetry.h"
#include "shared/store/ledger_store.h"
#include "shared/transport/poller.h"
#include "sink/dead_letters.h"
#include "sink/group_documents.h"
#include "sink/output_context.h"
#include "sink/output_routes.h"
#include "sink/producer_links.h"
#include "sink/publisher.h"

namespace docmill {

class Sink {
 public:
  static Result<std::unique_ptr<Sink>> open(Daemon& daemon);
  // Until it is told to stop.
  Result<void> run();

 private:
  struct Parts {
    StateFolder folder;
    std::unique_ptr<LedgerStore> store;         // outputs know it
    std::unique_ptr<DeadLetters> dead_letters;  // outputs know it
    std::vector<std::unique_ptr<Output>> outputs;
    OutputRoutes routes;
    PullSocket documents;
    ProducerLinks producers;
    std::optional<Publisher> publisher;
    Telemetry telemetry;
  };

  Sink(Daemon& daemon, Parts parts, LedgerState state);

  bool receive_group();
  bool is_full() const {
    return (parts_.publisher && parts_.publisher->full()) ||
           std::any_of(parts_.outputs.begin(), parts_.outputs.end(),
                       [](const auto& output) { return output->full(); });
  }
  void take(std::vector<Frame>& message);
  bool take_early();
  // False when its turn has not come.
  bool accept(const BatchHeader& header, std::string_view payload);
  void write(const BatchHeader& header, const Judgement& judgement, std::string_view payload);

  // sink_committing.cpp: the end of a group.
  // stopping: outputs end what they have begun.
  Result<void> commit(bool stopping = false);
  Result<void> commit_ledger();
  Result<void> settle_outputs();
  Result<void> sync_outputs();
  Result<void> sync_dead_letters();
  std::size_t bury_rejected(Output& output);
  // Does it again for as long as there is something to wait for.
  template <typename Action>
  Result<void> until_done(Action action);
  Result<void> wait_and_try_again(const Error& error);
  Result<void> serve_outputs();
  Result<void> finish_outputs();
  void report();

  Daemon& daemon_;
  Parts parts_;
  LedgerCore core_;
  LedgerTotals committed_;  // what may be said; core_ is ahead of it by the group
  EarlyBatches early_;
  std::optional<GroupDocuments> kept_;  // where an output can reject documents
  std::optional<Time> ending_;          // since when an output is waited for though we should end
  // A producer of which something was settled: the turn of what is early may have come.
  std::optional<std::string> moved_;
  Poller poller_;
  std::vector<Frame> message_;
  std::uint64_t group_bytes_ = 0;
  Time next_commit_{};
  std::uint64_t malformed_ = 0;
  std::uint64_t refused_ = 0;
};

}  // namespace docmill
