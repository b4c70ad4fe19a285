#include "cli/sink_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <optional>
#include <vector>

#include "cli/catalogs.h"
#include "cli/daemon_process.h"
#include "cli/refuse.h"
#include "cli/states.h"
#include "shared/base/clock.h"
#include "shared/base/put_text.h"
#include "shared/runtime/exit_code.h"
#include "shared/runtime/lock_patience.h"
#include "shared/store/ledger_place.h"
#include "shared/store/producer_store.h"
#include "shared/store/system_disk.h"
#include "shared/transport/poller.h"

namespace docmill {
namespace {

constexpr Duration kTick = std::chrono::milliseconds(20);
// A producer that runs finishes what is in flight first: ten seconds at most.
constexpr Duration kTakesOver = std::chrono::seconds(30);

struct Here {
  Disk& disk;
  const PipelineConfig& config;
  SinkRequest request;
  std::vector<std::string> active;
};

bool waits(const std::filesystem::path& folder) {
  const auto requests = requests_in(folder);
  return !requests || !requests->empty();
}

Result<SinkDecision> decide_here(const Here& here, const StateFolder& folder) {
  auto store = ProducerStore::open_as_it_is(folder);
  if (!store) return store.error();
  auto state = store->state();
  if (!state) return state.error();
  auto decisions = apply_requests(folder.path(), *store, *state, here.active, LockPatience());
  if (!decisions) return decisions.error();
  if (!decisions->empty()) return decisions->back();
  return last_decision(folder.path()).value_or(SinkDecision{});
}

// A producer that runs is told and applies the request itself. Its folder is left alone meanwhile.
// One that waits to begin has its folder locked and no socket: it applies the request when it
// begins.
Result<SinkDecision> decide(const Here& here, const std::string& producer) {
  const std::filesystem::path path = here.config.state / producer;
  if (auto put = put_request(path, here.request); !put) return put.error();
  const SystemClock clock;
  const Time end = clock.now() + kTakesOver;
  Poller poller;
  std::optional<DaemonProcess> told;
  for (;;) {
    if (!waits(path)) return last_decision(path).value_or(SinkDecision{});
    if (!told || told->has_ended()) {
      auto folder = StateFolder::open(here.disk, here.config.state, producer);
      if (folder) return decide_here(here, *folder);
      told = DaemonProcess::find(here.config.state, producer);
      if (told && !told->reload() && told->problem().empty()) told.reset();
    }
    if (clock.now() >= end) {
      const std::string problem = told ? told->problem() : std::string();
      return unavailable(fmt::format(
          "{}: has not taken the decision over within {}; it does when it starts the next time{}{}",
          producer, to_string(kTakesOver), problem.empty() ? "" : "; it ", problem));
    }
    poller.clear();
    poller.wait(kTick);
  }
}

}  // namespace

int sink_command(SinkVerb verb, const SinkOptions& options) {
  const Catalogs catalogs;
  Findings findings;
  const auto config = load_pipeline(options.file, catalogs.sets(), {0, options.sinks}, findings);
  std::fputs(findings.text().c_str(), stderr);
  if (!config || !findings.empty()) return kExitConfig;
  SystemDisk disk;
  Here here{disk, *config, {verb, options.sink, 0}, {}};
  for (const auto& [name, peer] : config->network.sinks) {
    if (peer.state == PeerState::kActive) here.active.push_back(name);
  }
  const auto producers = producers_in(disk, config->state);
  if (!producers) return refuse(producers.error());
  if (verb == SinkVerb::kForget) {
    here.request.present = LedgerPlace(disk, config->state / options.sink).id();
  } else {
    // Each producer reads it again, when it is told of no more commits.
    const auto ledger = ledger_here(disk, config->state, options.sink, LockPatience());
    if (!ledger) return refuse(ledger.error());
  }
  int code = kExitOk;
  for (const std::string& producer : *producers) {
    const auto decision = decide(here, producer);
    if (!decision) {
      code = refuse(decision.error());
      continue;
    }
    put_text("{}\n", decision->text);
    if (decision->decided == Decided::kRefused) code = kExitConfig;
  }
  return code;
}

}  // namespace docmill
