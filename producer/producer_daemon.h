// ProducerDaemon: a producer with its real sockets, files and signals, and the loop around its
// steps.
//
// One thread. A resource; the daemon outlives it.
#pragma once

#include <memory>

#include "producer/member_sockets.h"
#include "producer/producer.h"
#include "shared/runtime/daemon.h"
#include "shared/runtime/telemetry.h"
#include "shared/store/state_folder.h"
#include "shared/transport/poller.h"
#include "shared/transport/pull_socket.h"

namespace docmill {

class ProducerDaemon {
 public:
  static Result<std::unique_ptr<ProducerDaemon>> open(Daemon& daemon);
  // Until the producer has ended.
  Result<void> run();

 private:
  ProducerDaemon(Daemon& daemon, StateFolder folder, PullSocket control, Telemetry telemetry,
                 ProducerParts parts);

  Result<void> ended() const;
  void wait();
  void report();

  Daemon& daemon_;
  StateFolder folder_;  // locked for as long as the producer lives
  PullSocket control_;
  MemberSockets members_;
  Telemetry telemetry_;
  Producer producer_;
  Poller poller_;
};

}  // namespace docmill
