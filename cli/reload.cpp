#include "cli/reload.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <vector>

#include "cli/address_moves.h"
#include "cli/check.h"
#include "cli/refuse.h"
#include "cli/running_daemon.h"
#include "shared/base/clock.h"
#include "shared/base/put_text.h"
#include "shared/runtime/exit_code.h"
#include "shared/transport/poller.h"

namespace docmill {
namespace {

constexpr std::string_view kRoles[] = {"sink", "transformer", "producer"};
constexpr std::string_view kReloaded = "reloaded";
constexpr Duration kTick = std::chrono::milliseconds(20);
// For the first report of a daemon that runs. It reports four times a second, but not while it
// waits for a slow disk.
constexpr Duration kReport = std::chrono::seconds(10);
// What is in flight is finished before the file is taken over: ten seconds at most.
constexpr Duration kPatience = std::chrono::seconds(30);

// Until the condition holds for all, or the time is over.
template <typename Condition>
void wait_for(const PipelineConfig& config, std::vector<RunningDaemon>& daemons, Duration most,
              Condition condition) {
  const SystemClock clock;
  const Time end = clock.now() + most;
  Poller poller;
  do {
    for (RunningDaemon& daemon : daemons) daemon.read(config);
    if (std::all_of(daemons.begin(), daemons.end(), condition)) return;
    poller.clear();
    poller.wait(kTick);
  } while (clock.now() < end);
}

bool comes_before(const RunningDaemon& one, const RunningDaemon& other) {
  const auto turn = [](const RunningDaemon& daemon) {
    const auto* role = std::find(std::begin(kRoles), std::end(kRoles), daemon.role);
    return std::pair(role, std::string_view(daemon.name));
  };
  return turn(one) < turn(other);
}

bool has_answered(RunningDaemon& daemon, const PipelineConfig& config) {
  if (!daemon.outcome.empty()) return true;
  if (daemon.change("reloads") > 0) {
    daemon.outcome = kReloaded;
  } else if (daemon.change("refused_reloads") > 0) {
    daemon.outcome = "goes on as before; its log says why";
  } else if (daemon.has_ended(config)) {
    daemon.outcome = "has ended; its log says why";
  }
  return !daemon.outcome.empty();
}

// Why a daemon cannot be told at all; empty when it can.
std::string obstacle(const RunningDaemon& daemon) {
  if (!daemon.first) {
    return fmt::format("{}, but has not reported anything for {}; see its log, and reload again",
                       daemon.process ? "runs" : "has its state folder locked", to_string(kReport));
  }
  return daemon.process ? daemon.process->problem() : "has ended; its log says why";
}

bool is_sink(const RunningDaemon& daemon) { return daemon.role == kRoles[0]; }

// Runs before any daemon is told. Returns the daemon that blocks the reload: a sink that
// cannot be told, or any daemon that cannot have its new address.
const RunningDaemon* look_ahead(const PipelineConfig& config, std::vector<RunningDaemon>& daemons) {
  for (RunningDaemon& daemon : daemons) daemon.outcome = obstacle(daemon);
  for (const RunningDaemon& daemon : daemons) {
    if (is_sink(daemon) && !daemon.outcome.empty()) return &daemon;
  }
  return check_address_moves(config, daemons);
}

// One by one, so that the others of its role keep working. A sink that keeps the former file
// ends it: what the others send by the new file could reach another daemon, or none.
void tell_all(const PipelineConfig& config, std::vector<RunningDaemon>& daemons) {
  const RunningDaemon* refused = look_ahead(config, daemons);
  for (RunningDaemon& daemon : daemons) {
    if (!daemon.outcome.empty()) continue;
    if (refused != nullptr) {
      daemon.outcome = fmt::format("not told; {} must take the file over first", refused->name);
      continue;
    }
    if (const auto told = daemon.process->reload(); !told) daemon.outcome = told.error().text;
    wait_for(config, daemons, kPatience, [&](RunningDaemon& other) {
      return &other != &daemon || has_answered(other, config);
    });
    if (daemon.outcome.empty()) {
      daemon.outcome = fmt::format("has not answered within {}", to_string(kPatience));
    }
    if (is_sink(daemon) && daemon.outcome != kReloaded) refused = &daemon;
  }
}

}  // namespace

int reload_command(const std::string& file) {
  const auto config = load_checked(file, false);
  if (!config) return kExitConfig;
  const auto context = Context::open();
  if (!context) return refuse(context.error());
  auto daemons = running_daemons(*context, *config);
  if (!daemons) return refuse(daemons.error());
  wait_for(*config, *daemons, kReport, [&](const RunningDaemon& daemon) {
    return (daemon.first && daemon.process) || daemon.has_ended(*config);
  });
  std::erase_if(*daemons, [&](const RunningDaemon& daemon) {
    return !daemon.first && daemon.has_ended(*config);
  });
  std::sort(daemons->begin(), daemons->end(), comes_before);
  if (daemons->empty()) {
    put_text(stderr, "{}: no daemon of this pipeline runs here, by {}; nothing was told\n", file,
             (config->state / "sockets").string());
    return kExitUnavailable;
  }
  tell_all(*config, *daemons);
  bool all = true;
  for (const RunningDaemon& daemon : *daemons) {
    put_text("{}: {}\n", daemon.name, daemon.outcome);
    all = all && daemon.outcome == kReloaded;
  }
  return all ? kExitOk : kExitUnavailable;
}

}  // namespace docmill
