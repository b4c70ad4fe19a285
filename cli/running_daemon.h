// RunningDaemon: a daemon of a pipeline that runs on this machine, as `docmill reload` sees it.
//
// It runs when a process listens at its telemetry socket or has its state folder locked. One that
// waits to begin has no socket yet; one that was stopped reports nothing. Both still have the
// former pipeline file. A resource; one thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/daemon_process.h"
#include "shared/config/pipeline.h"
#include "shared/runtime/telemetry.h"
#include "shared/transport/context.h"

namespace docmill {

struct RunningDaemon {
  std::string name;
  std::string role;  // what it says, or what its name and its state folder suggest
  TelemetryReader reader;
  std::optional<DaemonProcess> process = {};  // none: it only has its state folder locked
  std::optional<Status> first = {};           // none: it has not reported anything yet
  Status newest = {};
  std::string outcome = {};  // of the reload; empty: not known yet

  // Takes what it has reported meanwhile.
  void read(const PipelineConfig& config);
  bool has_ended(const PipelineConfig& config) const;
  std::uint64_t change(const char* gauge) { return newest.values[gauge] - first->values[gauge]; }
};

// In any order.
Result<std::vector<RunningDaemon>> running_daemons(const Context& context,
                                                   const PipelineConfig& config);

}  // namespace docmill
