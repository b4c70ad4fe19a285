// RawTransformer: a transformer between raw links, in the place of somebody's worker: no producer,
// no sink, no state. At most once.
//
// Its workers and the thread that watches them; one thread, one loop, the workers have theirs.
#pragma once

#include <memory>
#include <vector>

#include "shared/base/running_time.h"
#include "shared/runtime/daemon.h"
#include "shared/runtime/telemetry.h"
#include "transformer/raw_worker.h"

namespace docmill {

class RawTransformer {
 public:
  static Result<std::unique_ptr<RawTransformer>> open(Daemon& daemon);
  // Until it is told to stop.
  Result<void> run();

 private:
  RawTransformer(Daemon& daemon, Telemetry telemetry)
      : daemon_(daemon), telemetry_(std::move(telemetry)) {}

  Result<void> open_links();
  Result<void> open_workers();
  void stop_workers();
  // Ends the process when a worker is still in a processor.
  void end_without_workers();
  // Ends the process when a document has taken too long.
  void watch();
  void report();

  Daemon& daemon_;
  Telemetry telemetry_;
  RawCounters counters_;
  std::unique_ptr<RawLinks> links_;
  std::vector<std::unique_ptr<RawWorker>> workers_;
  std::vector<Overdue> overdue_;  // of each worker
  RunningTime running_;           // for these
};

}  // namespace docmill
