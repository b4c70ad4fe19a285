#include "shared/runtime/open_when_possible.h"

#include "shared/runtime/daemon.h"

namespace docmill {

bool wait_to_open(Daemon& daemon, const Error& error) {
  if (error.code != ErrorCode::kUnavailable) return false;
  if (daemon.stops() > 0 && !daemon.reloading()) return false;
  daemon.log().warn("{}; retry in {}", error.text, to_string(Daemon::kRetry));
  daemon.pause();
  // A reload waits until the daemon has opened with this file.
  return daemon.stops() == 0 || daemon.reloading();
}

Result<StateFolder> open_state(Daemon& daemon) {
  const PipelineConfig& config = daemon.config();
  return open_when_possible(daemon, [&]() -> Result<StateFolder> {
    auto folder =
        StateFolder::open(daemon.disk(), config.state, daemon.name(), daemon.lock_patience());
    if (!folder) {
      // A daemon that is told to end while it waits for the lock has found nothing wrong.
      const bool stopped = daemon.stops() > 0 && !daemon.reloading();
      return stopped ? unavailable(folder.error().text) : folder.error();
    }
    if (auto ours = folder->belong_to(config.pipeline); !ours) return ours.error();
    return folder;
  });
}

}  // namespace docmill
