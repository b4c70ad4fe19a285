// Daemon: what every daemon stands on - its command line, the pipeline file, the log, signals,
// ZeroMQ - and the loop around its stage: open, run, and after a reload open again.
//
// A reload (SIGHUP) is an orderly end of the stage and a new one with the file as it is now, within
// the process. A file that cannot be used changes nothing; one that can be read but not opened
// brings the one before it back. When that one cannot be opened either, both are tried again until
// one opens: a reload never ends a daemon. A resource; the main thread's.
#pragma once

#include <chrono>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "shared/base/clock.h"
#include "shared/base/log.h"
#include "shared/base/throttle.h"
#include "shared/config/pipeline.h"
#include "shared/runtime/exit_code.h"
#include "shared/runtime/lock_patience.h"
#include "shared/runtime/processor_definition.h"
#include "shared/runtime/security.h"
#include "shared/runtime/signals.h"
#include "shared/runtime/stop_request.h"
#include "shared/store/system_disk.h"
#include "shared/transport/context.h"

namespace docmill {

class Daemon final : public StopRequest {
 public:
  // Prints what is wrong and gives the exit code instead. sets: the components that this daemon
  // knows; they outlive it.
  static std::variant<Daemon, int> start(Role role, int argc, char** argv,
                                         const ComponentSets& sets);

  const PipelineConfig& config() const { return pipeline_.config; }
  // Read together with the file, so that it can be used again when a newer one is refused. Empty at
  // a sink.
  const ProcessorDefinition& definition() const { return pipeline_.definition; }
  const std::string& name() const { return post_.name; }
  const Clock& clock() const { return *clock_; }
  Disk& disk() const { return *disk_; }
  Log& log() const { return *log_; }
  // `docmill run` must know an end of the input from an end that somebody asked for.
  bool must_finish() const { return post_.must_finish; }
  // For one lock of a state folder.
  LockPatience lock_patience() { return LockPatience(&signals_); }
  const Context& context() const { return *context_; }
  Security& security() const { return *security_; }

  // For Poller::readable().
  int signals() const { return signals_.fd(); }
  // What the stage is asked for: 0 nothing, 1 an orderly end, more a fast one. Reads the file again
  // when that is asked for. Logs what is wrong with names that sockets have bound.
  int stops() override;
  // shutdown_timeout after stops() first returned a stop or a reload: the stage must have ended by
  // then. Nothing before.
  std::optional<Time> deadline() const override { return deadline_; }
  // The end that is asked for is one before a reload.
  bool reloading() const override { return next_.has_value(); }

  // How long to wait before something that time may cure is tried again.
  static constexpr Duration kRetry = std::chrono::seconds(2);
  // That long, or until a signal comes.
  void pause() const { signals_.wait(kRetry); }

  // How many there were, for its telemetry.
  std::uint64_t reloads() const { return reloads_; }
  std::uint64_t refused_reloads() const { return refused_reloads_; }

  // Around a stage: what it is opened with; it could be opened; whether another one follows the one
  // that has ended.
  Result<void> connect();
  void began();
  // After the stage: ends ZeroMQ, which still sends what sockets were closed with a linger for.
  // False: a second signal came meanwhile, and only the end of the process ends the wait.
  bool disconnect();
  bool goes_on(const Result<void>& ended, bool opened);
  // Logs the error, if there is one, and gives the exit code. opened: a stage has ended.
  int end(const Result<void>& result, bool opened);

 private:
  // What it was started as.
  struct Post {
    Role role;
    std::string name;
    std::string file;
    Counts counts;
    ComponentSets sets;
    bool must_finish = false;
  };

  // A pipeline file, and the files that its processors name.
  struct Pipeline {
    PipelineConfig config;
    ProcessorDefinition definition;
  };

  Daemon(Post post, Pipeline pipeline, std::unique_ptr<Log> log, Signals signals);

  // As the files are now. The Error has a line for each finding.
  static Result<Pipeline> load(const Post& post);
  void read_again();
  void refuse_reload();
  void open_another(const Error& error);
  void log_failure(const std::string& text);
  bool waits_for_address(const std::string& host, Duration waited);
  void report_names();
  std::string unchangeable(const PipelineConfig& next) const;

  Post post_;
  Pipeline pipeline_;
  std::optional<Pipeline> next_;     // read, for the next stage
  std::optional<Pipeline> before_;   // the one that worked, until this one does
  std::optional<Pipeline> delayed_;  // the new one, while the one before is tried instead
  bool has_run_ = false;             // a stage has been open
  std::optional<Time> deadline_;
  std::string awaited_host_;  // whose slow lookup was logged
  Time look_at_names_{};
  std::uint64_t reloads_ = 0;
  std::uint64_t refused_reloads_ = 0;
  Throttle throttle_;
  std::unique_ptr<Log> log_;
  std::unique_ptr<SystemClock> clock_ = std::make_unique<SystemClock>();
  std::unique_ptr<SystemDisk> disk_ = std::make_unique<SystemDisk>();
  Signals signals_;
  std::optional<Context> context_;
  std::unique_ptr<Security> security_;
};

// main() of a daemon. Stage: open(Daemon&) gives a Result of a unique_ptr to one, which has run().
template <typename Stage>
int run_daemon(Role role, int argc, char** argv, const ComponentSets& sets) {
  auto started = Daemon::start(role, argc, argv, sets);
  if (const int* code = std::get_if<int>(&started)) return *code;
  auto& daemon = std::get<Daemon>(started);
  for (;;) {
    Result<void> ended = daemon.connect();
    bool opened = false;
    if (ended) {
      auto stage = Stage::open(daemon);
      opened = stage.ok();
      if (opened) daemon.began();
      ended = opened ? (*stage)->run() : stage.error();
    }
    const bool disconnected = daemon.disconnect();
    if (daemon.goes_on(ended, opened)) continue;
    const int code = daemon.end(ended, opened);
    if (!disconnected) std::_Exit(code);
    return code;
  }
}

}  // namespace docmill
