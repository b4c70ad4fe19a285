// Worker: one member - pulls batches, runs the processors, pushes what comes out to the sink that
// owns it, or, where outputs are keyed, each share to the sink of its key.
//
// A thread of its own, which is the only one to touch it after start(). It keeps nothing that must
// survive.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "shared/base/clock.h"
#include "shared/base/log.h"
#include "shared/config/pipeline.h"
#include "shared/protocol/division.h"
#include "shared/runtime/security.h"
#include "shared/transport/context.h"
#include "shared/transport/poller.h"
#include "transformer/chain.h"
#include "transformer/member_port.h"
#include "transformer/worker_progress.h"

namespace docmill {

struct WorkerCounters {
  std::atomic<std::uint64_t> batches = 0;
  std::atomic<std::uint64_t> documents = 0;
  std::atomic<std::uint64_t> bytes = 0;
  std::atomic<std::uint64_t> returned = 0;
  std::atomic<std::uint64_t> malformed = 0;
  std::atomic<std::uint64_t> lossy = 0;
};

class Worker {
 public:
  // name: of this member. news: woken when its presence has changed.
  static Result<std::unique_ptr<Worker>> open(const PipelineConfig& config, const std::string& name,
                                              const Context& context, Security& security,
                                              Wakeup& news, Log& log);
  ~Worker();

  void start();
  // The thread ends when it has passed on what it works on. What is on its way to a sink is
  // delivered in the background, as long as the linger lasts.
  void ask_to_stop(Duration linger);
  bool ended() const { return ended_; }
  // The same, and waits for its end.
  void stop(Duration linger);

  MemberPort& port() { return port_; }
  const WorkerCounters& counters() const { return counters_; }
  const WorkerProgress& progress() const { return progress_; }

 private:
  Worker(const PipelineConfig& config, PullSocket documents,
         std::map<std::string, PushSocket> sinks, MemberCore core, Wakeup wakeup,
         Security& security, Wakeup& news, Log& log);

  void run();
  void take(std::vector<Frame>& message);
  void work(const BatchHeader& header, std::string_view payload);
  void define(const BatchHeader& header, std::string_view text);
  void add_chain(std::uint64_t revision, Chain chain);
  std::uint64_t lossy_of(std::uint64_t revision) const;
  // Both are false when it could not all be passed on.
  bool transform(const BatchHeader& header, std::string_view payload);
  bool pass_on(std::vector<Division::Message> messages);

  const PipelineConfig& config_;
  PullSocket documents_;
  std::map<std::string, PushSocket> sinks_;
  std::set<std::string> stuck_;  // sinks that took nothing for too long, and nothing since
  ProcessorDefinition own_;      // of the pipeline file and the files here
  std::map<std::uint64_t, Chain> chains_;
  MemberPort port_;
  Wakeup wakeup_;
  Security& security_;
  Log& log_;
  Poller poller_;
  WorkerCounters counters_;
  WorkerProgress progress_;
  std::atomic<bool> stopping_ = false;
  std::atomic<bool> ended_ = false;
  Duration linger_{0};  // written before stopping_, read after it
  std::thread thread_;
};

}  // namespace docmill
