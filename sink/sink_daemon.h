// SinkDaemon: a sink with its real sockets, files and signals, and the loop around its steps.
//
// One thread. A resource; the daemon outlives it.
#pragma once

#include <memory>
#include <vector>

#include "shared/runtime/daemon.h"
#include "shared/runtime/telemetry.h"
#include "shared/store/state_folder.h"
#include "shared/transport/poller.h"
#include "sink/ack_links.h"
#include "sink/sink.h"

namespace docmill {

class SinkDaemon {
 public:
  static Result<std::unique_ptr<SinkDaemon>> open(Daemon& daemon);
  // Until the sink has ended.
  Result<void> run();

 private:
  class Signalled final : public StopRequest {
   public:
    explicit Signalled(Daemon& daemon) : daemon_(daemon) {}
    int stops() override { return daemon_.stops(); }
    // A tenth is left for the last commit, and for what sockets still have to send.
    std::optional<Time> deadline() const override {
      const auto deadline = daemon_.deadline();
      if (!deadline) return deadline;
      return *deadline - daemon_.config().shutdown_timeout / 10;
    }
    bool reloading() const override { return daemon_.reloading(); }

   private:
    Daemon& daemon_;
  };

  struct Sockets {
    PullSocket batches;
    AckLinks producers;
  };

  SinkDaemon(Daemon& daemon, StateFolder folder, Sockets sockets, Telemetry telemetry,
             SinkParts parts);

  void wait();
  void report();

  Daemon& daemon_;
  StateFolder folder_;  // locked for as long as the sink lives
  Sockets sockets_;
  Telemetry telemetry_;
  Signalled stop_;
  Sink sink_;
  Poller poller_;
};

}  // namespace docmill
