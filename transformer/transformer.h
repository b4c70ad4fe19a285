// Transformer: one member of a pipeline - one address, one name, and workers that process.
//
// It serves all links in one loop: it receives batches, gives them to the workers, passes on what
// they make, and reports to the producers. It is listed nowhere: it joins by its heartbeats, and
// leaves by them.
//
// One thread, which calls step() again and again; a step never waits. Each worker runs on a thread
// of its own, or where a simulation calls it. The links, security, stop request, clock and log
// outlive the transformer.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "shared/base/running_time.h"
#include "shared/base/throttle.h"
#include "shared/protocol/payload_check.h"
#include "shared/runtime/exit_code.h"
#include "shared/runtime/recipient.h"
#include "shared/runtime/security.h"
#include "shared/runtime/stop_request.h"
#include "shared/transport/pull_link.h"
#include "shared/transport/push_link.h"
#include "transformer/heartbeats.h"
#include "transformer/outboxes.h"
#include "transformer/transformer_parts.h"

namespace docmill {

struct TransformerLinks {
  PullLink& documents;
  std::map<std::string, PushLink*> sinks;      // of the pipeline file, by name
  std::map<std::string, PushLink*> producers;  // the same; these know whether they are connected
  Security& security;
  StopRequest& stop;
  const Clock& clock;
  Log& log;
};

class Transformer {
 public:
  struct Counters {
    std::uint64_t batches = 0;
    std::uint64_t documents = 0;
    std::uint64_t bytes = 0;
    std::uint64_t returned = 0;
    std::uint64_t malformed = 0;
    std::uint64_t misrouted = 0;
    std::uint64_t lossy = 0;
  };

  Transformer(TransformerParts parts, const TransformerLinks& links);
  // Closes the queue, then waits for the threads of the workers.
  ~Transformer();
  Transformer(const Transformer&) = delete;
  Transformer& operator=(const Transformer&) = delete;

  // One turn of the loop. False: it has ended, because it was told to stop and no producer has
  // anything more for it, or its time is over; or because a worker is stuck, see forced_exit().
  Result<bool> step();
  // For how long there is nothing to do, unless a message arrives (where it listens), a worker
  // wakes it, a sink takes more (where it waits for one), a producer connects or a signal comes.
  Duration idle() const;
  // Wants a message of documents. While the queue is full, the worker that takes something from it
  // ends the wait.
  bool listens() const;
  bool waits_for(const std::string& sink) const { return outboxes_.waits_for(sink); }
  // It has closed its links to sinks and producers; only workers may have something to finish.
  bool has_left() const { return left_; }
  // When it has ended because of a worker that does not finish its batch: how the process must exit
  // at once, since a thread cannot be stopped from outside.
  std::optional<ExitCode> forced_exit() const { return forced_exit_; }

  const std::vector<std::unique_ptr<Worker>>& workers() const { return parts_.workers; }
  JobQueue& jobs() { return parts_.shop->jobs; }
  Counters counters() const;

 private:
  // One that travels alone: nothing else is in hand from its start to its end.
  struct LoneBatch {
    Job job;
    std::optional<Time> reported;
    bool started = false;
  };

  // transformer_batches.cpp: the way of a batch.
  void receive();
  // False when there is none for now.
  bool receive_message();
  void take(std::vector<Frame>& message, Result<BatchHeader> header);
  void accept(BatchHeader header, Frame payload);
  void define(const BatchHeader& header, std::string_view text);
  void start_lone_batch(Time now);
  void hand_back(const WorkerEvent& event, Time now);
  void handle_events();
  // transformer.cpp: the loop and its end.
  bool may_leave();
  void drain(Time now);
  void leave();
  void give_back_the_rest();
  bool workers_have_ended();
  void end_without_workers();
  // Ends when a document takes too long.
  void watch();

  TransformerParts parts_;
  TransformerLinks links_;
  Recipient recipient_;
  MemberCore member_;
  Outboxes outboxes_;
  Heartbeats heartbeats_;
  std::vector<Overdue> overdue_;  // of each worker
  RunningTime running_;           // for these
  std::vector<Frame> message_;
  std::optional<PayloadCheck> check_;  // of message_, while it is not taken yet
  std::optional<LoneBatch> lone_;      // until it is processed
  Time draining_since_{};
  Time received_{};  // the last message of a producer
  Time leave_by_{};  // when draining
  bool left_ = false;
  std::optional<ExitCode> forced_exit_;
  std::uint64_t returned_ = 0;
  std::uint64_t malformed_ = 0;
  Throttle throttle_;
};

}  // namespace docmill
