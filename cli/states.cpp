#include "cli/states.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <set>

#include "shared/runtime/lock_patience.h"
#include "shared/store/ledger_place.h"
#include "shared/store/ledger_store.h"
#include "shared/store/producer_store.h"
#include "sink/segments/segment_names.h"

namespace docmill {
namespace {

Result<void> lock_all(Disk& disk, const std::filesystem::path& state,
                      const std::set<std::string>& names, std::vector<StateFolder>& locks,
                      std::vector<std::string>& missing, LockPatience& patience) {
  for (const std::string& name : names) {
    auto lock = StateFolder::find(disk, state, name, std::ref(patience));
    if (!lock) return lock.error();
    if (*lock) {
      locks.push_back(std::move(**lock));
    } else {
      missing.push_back(name);
    }
  }
  return {};
}

}  // namespace

Result<std::vector<std::string>> producers_in(Disk& disk, const std::filesystem::path& state) {
  std::vector<std::string> names;
  std::error_code missing;
  for (const auto& entry : std::filesystem::directory_iterator(state, missing)) {
    if (ProducerStore::exists(disk, entry.path())) names.push_back(entry.path().filename());
  }
  if (names.empty()) {
    return unavailable(fmt::format(
        "{}: expected the state of a producer, found none; run this on each host that has one",
        state.string()));
  }
  std::sort(names.begin(), names.end());
  return names;
}

Result<StateLocks> lock_states(const PipelineConfig& config) {
  auto disk = std::make_unique<SystemDisk>();
  std::set<std::string> producers;
  std::set<std::string> sinks;
  for (const auto& [name, peer] : config.network.producers) producers.insert(name);
  for (const auto& [name, peer] : config.network.sinks) sinks.insert(name);
  std::error_code missing;
  for (const auto& entry : std::filesystem::directory_iterator(config.state, missing)) {
    const std::string name = entry.path().filename();
    if (ProducerStore::exists(*disk, entry.path())) producers.insert(name);
    if (LedgerPlace(*disk, entry.path()).exists()) sinks.insert(name);
  }
  LockPatience patience;
  StateLocks locks{std::move(disk), {}, {}, {}, {}};
  if (auto locked = lock_all(*locks.disk, config.state, producers, locks.producers,
                             locks.new_producers, patience);
      !locked) {
    return locked.error();
  }
  if (auto locked =
          lock_all(*locks.disk, config.state, sinks, locks.sinks, locks.new_sinks, patience);
      !locked) {
    return locked.error();
  }
  return locks;
}

std::uint64_t States::settled() const {
  std::uint64_t sum = 0;
  for (const auto& [name, totals] : producers) sum += totals.documents();
  return sum;
}

std::uint64_t States::waiting() const {
  std::uint64_t sum = 0;
  for (const SinkSpool& spool : spools) sum += spool.mark.totals.waiting;
  return sum;
}

Result<States> read_states(const StateLocks& locks) {
  States states;
  for (const std::string& name : locks.new_producers) states.producers.emplace_back(name, Totals{});
  for (const std::string& name : locks.new_sinks) states.sinks.emplace_back(name, LedgerTotals{});
  for (const StateFolder& folder : locks.producers) {
    states.producers.emplace_back(folder.name(), Totals{});
    if (!ProducerStore::exists(folder.disk(), folder.path())) continue;
    auto store = ProducerStore::open_as_it_is(folder);
    if (!store) return store.error();
    const auto state = store->state();
    if (!state) return state.error();
    states.producers.back().second = state->checkpoint.totals;
    const auto given_up = store->given_up();
    if (!given_up) return given_up.error();
    for (const GivenUp& one : *given_up) states.given_up.emplace_back(folder.name(), one);
    const auto lost = store->lost_documents();
    if (!lost) return lost.error();
    for (const LostDocuments& one : *lost) states.lost.emplace_back(folder.name(), one);
  }
  for (const StateFolder& folder : locks.sinks) {
    states.sinks.emplace_back(folder.name(), LedgerTotals{});
    if (!LedgerPlace(folder.disk(), folder.path()).exists()) continue;
    auto ledger = LedgerStore::open(folder);
    if (!ledger) return ledger.error();
    auto state = ledger->state();
    if (!state) return state.error();
    states.sinks.back().second = state->totals;
    auto files = ledger->marks();
    if (!files) return files.error();
    states.files.insert(states.files.end(), files->begin(), files->end());
    const auto segments = ledger->segments();
    if (!segments) return segments.error();
    for (const SegmentMark& segment : *segments) {
      const bool has_documents = std::any_of(
          files->begin(), files->end(),
          [&](const FileMark& file) { return file.path == segment.path && file.length > 0; });
      if (has_documents && !segment.ended) states.unfinished.push_back(open_name(segment.path));
    }
    auto spools = ledger->spools();
    if (!spools) return spools.error();
    for (SpoolMark& spool : *spools) {
      states.spools.push_back({folder.name(), folder.path() / spool.spool, std::move(spool)});
    }
    if (const std::string database = ledger->shared_database(); !database.empty()) {
      std::error_code ignored;
      states.files.push_back({database, std::filesystem::file_size(database, ignored)});
    }
  }
  return states;
}

}  // namespace docmill
