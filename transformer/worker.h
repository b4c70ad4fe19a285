// Worker: takes batches from a queue, runs the processors, and gives the messages for the sinks to
// the transformer that owns the links.
//
// One thread: its own after start(), or that of a caller of begin() and finish(). It never waits
// for a sink or a producer. It keeps nothing that must survive.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "shared/base/log.h"
#include "shared/config/pipeline.h"
#include "shared/protocol/division.h"
#include "transformer/chain.h"
#include "transformer/job_queue.h"
#include "transformer/outbox_room.h"
#include "transformer/revisions.h"
#include "transformer/worker_events.h"
#include "transformer/worker_progress.h"

namespace docmill {

struct WorkerCounters {
  std::atomic<std::uint64_t> batches = 0;
  std::atomic<std::uint64_t> documents = 0;
  std::atomic<std::uint64_t> bytes = 0;
  std::atomic<std::uint64_t> lossy = 0;
};

// What the workers of a transformer share; outlives them.
struct Workshop {
  const PipelineConfig& config;
  Log& log;
  Revisions revisions;
  JobQueue jobs;
  WorkerEvents events;
  OutboxRoom room;
};

class Worker {
 public:
  // revision: of the processors that are made at once, so that errors come up at the start.
  static Result<std::unique_ptr<Worker>> open(Workshop& shop, std::uint64_t revision);
  // The queue must have been closed.
  ~Worker();

  // Starts a thread that processes batches until the queue is closed.
  void start();
  // Processes a batch taken from the queue: reports its start, then its end.
  void begin(const Job& job);
  void finish(const Job& job);

  // Any thread: the batch that it works on, as people are told of it.
  struct Current {
    std::string producer;
    Sequence sequence = 0;
  };
  std::optional<Current> current() const;
  const WorkerCounters& counters() const { return counters_; }
  const WorkerProgress& progress() const { return progress_; }

 private:
  explicit Worker(Workshop& shop) : shop_(shop) {}

  void run();
  Result<Chain*> chain_for(std::uint64_t revision);
  // The event that ends the batch.
  WorkerEvent transform(const Job& job);
  // False when a message found no room.
  bool address(std::vector<Division::Message> messages, std::vector<SinkMessage>& out);

  Workshop& shop_;
  std::map<std::uint64_t, Chain> chains_;
  WorkerCounters counters_;
  WorkerProgress progress_;
  mutable std::mutex mutex_;
  std::optional<Current> current_;
  std::thread thread_;
};

}  // namespace docmill
