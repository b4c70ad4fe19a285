#include "cli/running_daemon.h"

#include <set>
#include <utility>

#include "shared/store/ledger_place.h"
#include "shared/store/producer_store.h"
#include "shared/store/state_folder.h"
#include "shared/store/system_disk.h"

namespace docmill {
namespace {

constexpr std::string_view kEnding = ".telemetry";

bool has_state_locked(const PipelineConfig& config, const std::string& name) {
  SystemDisk disk;
  return StateFolder::process_of(disk, config.state, name) != 0;
}

std::string likely_role(const PipelineConfig& config, const std::string& name) {
  SystemDisk disk;
  const bool sink =
      config.network.sinks.contains(name) || LedgerPlace(disk, config.state / name).exists();
  if (sink) return "sink";
  const bool producer =
      config.network.producers.contains(name) || ProducerStore::exists(disk, config.state / name);
  return producer ? "producer" : "transformer";
}

// Each name that a daemon may have: daemons that were killed leave their sockets behind, and those
// that have ended their state folders.
std::set<std::string> possible_names(const std::filesystem::path& state) {
  std::set<std::string> names;
  std::error_code missing;
  for (const auto& entry : std::filesystem::directory_iterator(state / "sockets", missing)) {
    const std::string file = entry.path().filename();
    if (file.ends_with(kEnding)) names.insert(file.substr(0, file.size() - kEnding.size()));
  }
  for (const auto& entry : std::filesystem::directory_iterator(state, missing)) {
    const std::string folder = entry.path().filename();
    if (is_name(folder) && std::filesystem::exists(entry.path() / "lock", missing)) {
      names.insert(folder);
    }
  }
  return names;
}

}  // namespace

void RunningDaemon::read(const PipelineConfig& config) {
  while (reader.next(newest)) {
    if (!first) first = newest;
    role = newest.role;
  }
  if (first && !process) process = DaemonProcess::find(config.state, name);
}

bool RunningDaemon::has_ended(const PipelineConfig& config) const {
  return process ? process->has_ended() : !has_state_locked(config, name);
}

Result<std::vector<RunningDaemon>> running_daemons(const Context& context,
                                                   const PipelineConfig& config) {
  std::vector<RunningDaemon> found;
  for (const std::string& name : possible_names(config.state)) {
    auto process = DaemonProcess::find(config.state, name);
    if (!process && !has_state_locked(config, name)) continue;
    auto reader = TelemetryReader::open(context, config.state, name);
    if (!reader) return reader.error();
    found.push_back({.name = name,
                     .role = likely_role(config, name),
                     .reader = std::move(*reader),
                     .process = std::move(process)});
  }
  return found;
}

}  // namespace docmill
