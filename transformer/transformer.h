// Transformer: its workers, and the thread that tells the producers of them.
//
// It is listed nowhere: it joins by its presence, and leaves by it. One thread, one loop; the
// workers have theirs.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "shared/runtime/daemon.h"
#include "shared/runtime/telemetry.h"
#include "transformer/worker.h"

namespace docmill {

class Transformer {
 public:
  static Result<std::unique_ptr<Transformer>> open(Daemon& daemon);
  // Until it is told to stop and every producer has said that nothing more comes.
  Result<void> run();

 private:
  Transformer(Daemon& daemon, Wakeup news, Telemetry telemetry,
              std::map<std::string, PushSocket> producers);

  void tell(bool everybody);
  // Ends the process when a document has taken too long.
  void watch();
  void stop_workers();
  bool all_may_leave(bool have_waited);
  void report();

  Daemon& daemon_;
  Wakeup news_;
  Telemetry telemetry_;
  std::map<std::string, PushSocket> producers_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::vector<Overdue> overdue_;  // of each worker
};

}  // namespace docmill
