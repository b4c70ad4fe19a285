// Producer: reads its source into batches, and keeps each until a sink has settled all of it.
//
// One thread, one loop. A full window makes it stop reading; nothing is ever dropped to keep going.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "producer/batch_reader.h"
#include "producer/member_links.h"
#include "producer/store_catalog.h"
#include "shared/runtime/daemon.h"
#include "shared/runtime/telemetry.h"
#include "shared/store/producer_store.h"
#include "shared/transport/poller.h"

namespace docmill {

class Producer {
 public:
  static Result<std::unique_ptr<Producer>> open(Daemon& daemon);
  // Until the source has ended and everything is settled, or it is told to stop.
  Result<void> run();

 private:
  struct Parts {
    StateFolder folder;
    std::unique_ptr<ProducerStore> store;
    std::unique_ptr<StoreCatalog> catalog;
    std::unique_ptr<RawCounters> raw;
    std::unique_ptr<InputCounters> inputs;
    std::unique_ptr<BatchReader> reader;
    PullSocket control;
    Telemetry telemetry;
  };

  Producer(Daemon& daemon, Parts parts, ProducerState state);

  void wait();
  Result<void> read();
  Result<void> read_batches();
  // kUnavailable: the source rests for a while; true. Any other Error is the caller's.
  bool rests_after(const Error& error);
  Result<void> tell_settled(const std::string& position);
  // False when more may wait.
  bool receive_control();
  void take(const Frame& frame);
  bool is_genuine(const Frame& frame, const ControlRecord& record);
  Result<void> perform_actions();
  Result<void> perform(const Commit& commit);
  bool must_leave();
  void report();

  Daemon& daemon_;
  Parts parts_;
  ProducerCore core_;
  MemberLinks links_;
  Poller poller_;
  std::vector<Frame> message_;
  BatchReader::Progress progress_ = BatchReader::Progress::kMore;
  const bool draining_;  // the pipeline file retires it
  bool stopping_ = false;
  std::optional<Time> leave_by_;
  Time next_tick_{};
  Time next_read_{};  // after the source had Error kUnavailable
  Time idle_since_{};
  std::uint64_t malformed_ = 0;
  bool finished_ = false;
};

}  // namespace docmill
