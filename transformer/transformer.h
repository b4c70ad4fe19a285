// Transformer: one member of a pipeline - one address, one name, and threads that process.
//
// Its own thread owns all sockets, in one loop: it receives batches, gives them to the workers,
// passes on what they make, and reports to the producers. It is listed nowhere: it joins by its
// heartbeats, and leaves by them.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "shared/runtime/daemon.h"
#include "shared/runtime/telemetry.h"
#include "shared/transport/pull_socket.h"
#include "transformer/heartbeats.h"
#include "transformer/sink_links.h"
#include "transformer/worker.h"

namespace docmill {

class Transformer {
 public:
  static Result<std::unique_ptr<Transformer>> open(Daemon& daemon);
  ~Transformer();
  // Until it is told to stop and no producer has anything more for it, or its time is over.
  Result<void> run();

 private:
  struct Parts {
    std::unique_ptr<Wakeup> news;
    Telemetry telemetry;
    PullSocket documents;
    SinkLinks sinks;
    Heartbeats heartbeats;
    MemberCore member;
  };

  Transformer(Daemon& daemon, Parts parts);

  Result<void> open_workers();
  // transformer_batches.cpp: the way of a batch.
  void receive();
  void take(std::vector<Frame>& message);
  void accept(BatchHeader header, Frame payload);
  void define(const BatchHeader& header, std::string_view text);
  void handle_events();
  // transformer.cpp: the loop and its end.
  void wait();
  bool has_ended();
  void leave();
  void give_back_the_rest();
  // Ends the process when a document has taken too long.
  void watch();
  void end_without(const Worker& worker);
  void report();

  Daemon& daemon_;
  Parts parts_;
  std::unique_ptr<Workshop> shop_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::uint64_t own_revision_ = 0;  // of the processors in the pipeline file and the files here
  std::vector<Overdue> overdue_;    // of each worker
  Poller poller_;
  std::vector<Frame> message_;
  Time draining_since_{};
  Time received_{};  // the last message
  Time leave_by_{};  // when draining
  std::uint64_t returned_ = 0;
  std::uint64_t malformed_ = 0;
};

}  // namespace docmill
