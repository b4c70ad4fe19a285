// ProducerStore: a producer's ProducerState on disk, and the rows of its source.
//
// One SQLite database, producer.db; docs/stores.md draws it. What commit() took is durable when it
// returns; a full disk gives it the reserve of the state folder. One thread; a resource. Errors are
// those of Database: on kUnavailable nothing changed, call again; on kCorrupt the process must end.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "shared/base/random.h"
#include "shared/base/result.h"
#include "shared/protocol/producer_state.h"
#include "shared/protocol/sink_decision.h"
#include "shared/store/database.h"
#include "shared/store/state_folder.h"

namespace docmill {

// The names that must never come twice.
struct RunNames {
  std::uint64_t epoch = random_number_of_now();  // of a store that is new
  std::uint64_t nonce = random_number();
};

// Batches of a source that could not be opened any more, given up by an operator: those of their
// documents that no sink has settled are in no output.
struct GivenUp {
  Sequence first = 0;  // last < first: no batch, only the rest of an input
  Sequence last = 0;
  std::uint64_t documents = 0;  // in the batches; an upper bound
  std::string source;           // what they were read from, for people
  bool operator==(const GivenUp&) const = default;
};

class ProducerStore {
 public:
  // Opens the store of the folder's daemon, or makes it. Each call is a new run, durable before it
  // returns. The folder must stay locked for as long as the store lives.
  static Result<ProducerStore> open(const StateFolder& folder, const RunNames& names = {});

  // The same for a store that is there, without a new run.
  static Result<ProducerStore> open_as_it_is(const StateFolder& folder);

  // Whether a producer has kept its state in the folder.
  static bool exists(Disk& disk, const std::filesystem::path& folder);
  // What is durable, without a new run: for those who only look. None when no run has begun.
  static Result<std::optional<ProducerState>> read(const StateFolder& folder);

  // Everything in the facts or, on an Error, nothing. Forgets what `apply` forgets.
  Result<void> commit(const ProducerFacts& facts);
  // Of the folder. See DiskReserve::restore.
  void restore_reserve(Time now) { reserve_->restore(now); }
  // The same, and what was given up with it.
  Result<void> give_up(const ProducerFacts& facts, const GivenUp& what);
  // All that was ever given up, in that order.
  Result<std::vector<GivenUp>> given_up();
  // What is durable now: what `apply` makes of all that was committed.
  Result<ProducerState> state();

  // The ledgers, the forgotten ones and the sink lists of the plans become those of the state, all
  // of them or none, with what was lost by that.
  Result<void> replace_sinks(const ProducerState& state,
                             const std::optional<LostDocuments>& lost = {});
  // All that was ever lost so, in that order.
  Result<std::vector<LostDocuments>> lost_documents();

  // What the source must not forget, in order: a files source keeps the files it has seen here.
  // Each kind of source has rows of its own. Texts are bytes to us. All of the rows or none.
  Result<void> append_source_rows(const std::string& kind, const std::vector<std::string>& rows);
  // Other texts for the rows of these numbers; all of them or none. An empty one is forgotten: it
  // goes, but for the last such row, so that no number is given twice.
  Result<void> rewrite_source_rows(const std::string& kind,
                                   const std::map<std::uint64_t, std::string>& texts);
  // By number.
  Result<std::map<std::uint64_t, std::string>> source_rows(const std::string& kind);

 private:
  ProducerStore(Database database, const StateFolder& folder)
      : database_(std::move(database)), reserve_(&folder.reserve()) {}

  Result<void> begin_run(const std::string& name, const RunNames& run);

  Database database_;
  DiskReserve* reserve_;
};

}  // namespace docmill
