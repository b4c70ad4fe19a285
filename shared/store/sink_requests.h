// SinkRequests: decisions about lost and restored sinks that wait in a producer's state folder
// until whoever has the folder applies them: its daemon at its next start, or the command that made
// them.
//
// A request is a file, durable before it counts, and removed when the decision is durable. A crash
// in between applies it again, which changes nothing: nothing is sent before all are removed. One
// thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "shared/base/result.h"
#include "shared/protocol/ledger_state.h"
#include "shared/protocol/sink_decision.h"
#include "shared/store/producer_store.h"
#include "shared/store/state_folder.h"

namespace docmill {

enum class SinkVerb { kForget, kAccept };

struct SinkRequest {
  SinkVerb verb = SinkVerb::kForget;
  std::string sink;
  std::uint64_t present = 0;  // forget: the ledger that the sink's state folder has; 0: none
};

// folder: the producer's. Durable when it returns; a request of the same verb and sink is replaced.
Result<void> put_request(const std::filesystem::path& folder, const SinkRequest& request);
Result<std::vector<SinkRequest>> requests_in(const std::filesystem::path& folder);

// Applies all requests of the folder to the store and the state and removes them. Gives what each
// has decided, and leaves the last of it in the folder for last_decision(). active: the sinks that
// the pipeline file lists as active. wait: for the ledger of a sink to accept, which is read where
// it is beside this folder. While such a sink runs, the request is refused.
Result<std::vector<SinkDecision>> apply_requests(const std::filesystem::path& folder,
                                                 ProducerStore& store, ProducerState& state,
                                                 const std::vector<std::string>& active,
                                                 const StateFolder::LockWait& wait = {});

// The ledger of a sink that does not run; nothing where its state is not on this host. kConfig
// while the sink runs: nobody else can read it then.
Result<std::optional<LedgerState>> ledger_here(Disk& disk, const std::filesystem::path& state,
                                               const std::string& sink,
                                               const StateFolder::LockWait& wait);

// What was decided last; nothing when there is no word of it.
std::optional<SinkDecision> last_decision(const std::filesystem::path& folder);

}  // namespace docmill
