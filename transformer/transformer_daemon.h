// TransformerDaemon: a transformer with its real sockets, threads and signals, and the loop around
// its steps.
//
// One thread, besides those of the workers. A resource; the daemon outlives it.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "shared/runtime/daemon.h"
#include "shared/runtime/telemetry.h"
#include "shared/transport/poller.h"
#include "shared/transport/wakeup.h"
#include "transformer/transformer.h"

namespace docmill {

class TransformerDaemon {
 public:
  static Result<std::unique_ptr<TransformerDaemon>> open(Daemon& daemon);
  // Until the transformer has ended. Exits the process when a worker does not finish.
  Result<void> run();

 private:
  struct Sockets {
    PullSocket documents;
    std::map<std::string, PushSocket> sinks;
    std::map<std::string, PushSocket> producers;
  };

  TransformerDaemon(Daemon& daemon, std::unique_ptr<Wakeup> events, Telemetry telemetry,
                    Sockets sockets, TransformerParts parts);

  void wait();
  void report();

  Daemon& daemon_;
  std::unique_ptr<Wakeup> events_;  // of the workers
  Telemetry telemetry_;
  Sockets sockets_;
  Transformer transformer_;
  Poller poller_;
};

}  // namespace docmill
