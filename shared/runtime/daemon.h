// Daemon: what every daemon stands on - its command line, the pipeline file, the log, signals,
// ZeroMQ.
//
// start() prints what is wrong and gives the exit code instead. A resource; the main thread's.
#pragma once

#include <memory>
#include <string>
#include <variant>

#include "shared/base/clock.h"
#include "shared/base/log.h"
#include "shared/config/pipeline.h"
#include "shared/runtime/exit_code.h"
#include "shared/runtime/security.h"
#include "shared/runtime/stop_signals.h"
#include "shared/transport/context.h"

namespace docmill {

class Daemon {
 public:
  // role: "producer", "transformer", "sink". sets: the components that this daemon knows.
  static std::variant<Daemon, int> start(const std::string& role, int argc, char** argv,
                                         const ComponentSets& sets);

  const PipelineConfig& config() const { return config_; }
  const std::string& name() const { return name_; }
  const Clock& clock() const { return *clock_; }
  Log& log() const { return *log_; }
  const Context& context() const { return context_; }
  Security& security() const { return *security_; }
  StopSignals& stop() { return stop_; }

  // Logs the error, if there is one, and gives the exit code.
  int end(const Result<void>& result) const;

 private:
  Daemon(PipelineConfig config, std::string name, std::unique_ptr<Log> log, StopSignals stop,
         Context context, std::unique_ptr<Security> security);

  PipelineConfig config_;
  std::string name_;
  std::unique_ptr<Log> log_;
  std::unique_ptr<SystemClock> clock_ = std::make_unique<SystemClock>();
  StopSignals stop_;
  Context context_;
  std::unique_ptr<Security> security_;
};

}  // namespace docmill
