// Supervision: one run of a pipeline on this machine, from the first daemon started to the last one
// gone.
//
// The ends come in the order of the documents: producers leave when everything of theirs is
// settled, then the transformers are stopped. Sinks with a spool then bring what waits in it to its
// receiver (Drain), unless the run was told to stop, and are stopped last. A resource; one thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/children.h"
#include "cli/drain.h"
#include "cli/insistence.h"
#include "cli/progress.h"
#include "shared/base/clock.h"
#include "shared/base/running_time.h"
#include "shared/config/pipeline.h"
#include "shared/runtime/signals.h"
#include "shared/transport/context.h"

namespace docmill {

struct RunOptions {
  std::string file;
  Counts counts;
  std::size_t transformers = 2;
  bool fresh = false;
  bool json = false;
  // For how long a receiver that takes nothing is waited for, when only it is left.
  Duration patience = std::chrono::seconds(30);
  bool spills = false;  // documents may wait in spools of the sinks
  int documents = -1;   // what the sinks have as standard output; -1: their logs
};

// How a run ended.
struct RunEnd {
  bool stopped = false;  // by a signal or a failure; else the sources have ended
  std::optional<Children::Failure> failure;
  std::vector<std::string> incomplete;   // producers that could not read all of their input
  std::vector<std::string> interrupted;  // producers that were stopped by others before their end
};

class Supervision {
 public:
  // resumed: how many documents earlier runs have settled.
  Supervision(const PipelineConfig& config, const RunOptions& options, std::uint64_t resumed,
              Progress& progress, Signals& stop);

  // kUnavailable when there is no room for the sockets or the logs; nothing runs then.
  Result<RunEnd> run();

 private:
  Result<void> start();
  Result<void> read_telemetry(const std::string& name);
  void start_child(const std::string& role, const std::string& name);
  void observe(Time now);
  // True when it is over.
  bool advance(Time now);
  // True when the sinks may be stopped.
  bool drained(Time now, bool stopping);
  Duration patience() const;
  void insist(Time now);

  const PipelineConfig& config_;
  const RunOptions& options_;
  const std::uint64_t resumed_;
  Progress& progress_;
  Signals& stop_;
  SystemClock clock_;
  RunningTime running_;  // daemons are given time in which this process can see them
  Context* context_ = nullptr;
  std::vector<TelemetryReader> telemetry_;
  Children children_;
  Insistence insistence_{children_};
  std::optional<Drain> drain_;
  bool said_waiting_ = false;
  bool said_resumed_ = false;
  RunEnd end_;
};

}  // namespace docmill
