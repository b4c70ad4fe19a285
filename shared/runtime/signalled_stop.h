// SignalledStop: what signals ask of a stage of a daemon.
//
// One thread: the stage's. The daemon outlives it.
#pragma once

#include "shared/runtime/daemon.h"
#include "shared/runtime/stop_request.h"

namespace docmill {

class SignalledStop final : public StopRequest {
 public:
  // reserve: the time before the daemon's deadline that the stage needs after its last wait.
  explicit SignalledStop(Daemon& daemon, Duration reserve = Duration::zero())
      : daemon_(daemon), reserve_(reserve) {}

  int stops() override { return daemon_.stops(); }
  std::optional<Time> deadline() const override {
    const auto deadline = daemon_.deadline();
    if (!deadline) return deadline;
    return *deadline - reserve_;
  }
  bool reloading() const override { return daemon_.reloading(); }

 private:
  Daemon& daemon_;
  Duration reserve_;
};

}  // namespace docmill
