// Producer: reads its source into batches, and keeps each until a sink has settled all of it.
//
// One thread, which calls step() again and again; a step never waits. A full window makes it stop
// reading, a full disk makes it stop until a commit succeeds; nothing is ever dropped to keep
// going. Owns its store and source; the links, clock and log outlive it.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "producer/batch_reader.h"
#include "producer/member_links.h"
#include "producer/store_catalog.h"
#include "shared/base/throttle.h"
#include "shared/runtime/backlog.h"
#include "shared/runtime/recipient.h"
#include "shared/runtime/security.h"
#include "shared/runtime/stop_request.h"
#include "shared/store/producer_store.h"
#include "shared/transport/pull_link.h"

namespace docmill {

struct ProducerLinks {
  PullLink& control;
  MemberConnector& members;
  Security& security;
  StopRequest& stop;
  const Clock& clock;
  Log& log;
};

struct ProducerParts {
  ProducerSettings settings;
  ProducerState state;  // as the store has it
  std::unique_ptr<ProducerStore> store;
  std::unique_ptr<StoreCatalog> catalog;  // of the store; the reader knows these three
  std::unique_ptr<RawCounters> raw;
  std::unique_ptr<InputCounters> inputs;
  std::unique_ptr<BatchReader> reader;
  Duration shutdown_timeout{};
  bool draining = false;  // the pipeline file retires it
};

class Producer {
 public:
  struct Counters {
    ProducerCounters core;
    std::uint64_t in_flight = 0;  // documents
    std::uint64_t window_batches = 0;
    std::uint64_t window_bytes = 0;
    std::uint64_t members = 0;
    std::uint64_t malformed = 0;
    std::uint64_t misrouted = 0;
    std::uint64_t missed = 0;
    std::uint64_t unreadable = 0;
    std::uint64_t failed_files = 0;
    bool ended = false;  // the source has nothing more
  };

  Producer(ProducerParts parts, const ProducerLinks& links);
  Producer(const Producer&) = delete;
  Producer& operator=(const Producer&) = delete;

  // One turn. False: it has ended, as asked or because everything is settled. Any Error ends it,
  // too: also an input that could not be read completely, and a full disk when it is asked to stop.
  Result<bool> step();
  // For how long there is nothing to do, unless something arrives (where it listens), a signal, or
  // something at the source.
  Duration idle() const;
  bool listens() const;
  // Readable when the source has something; -1: it is looked at now and then.
  int source_fd() const;
  // The source has ended, everything is settled, and the source has done what follows from that.
  bool finished() const { return finished_ && !owed_ && !parts_.reader->owes(); }
  // All of the input is read and settled, whether or not it was asked to stop as well.
  bool has_finished() const { return finished() && progress_ == Progress::kEnded; }
  Counters counters() const;

 private:
  using Progress = BatchReader::Progress;

  struct FullDisk {
    Error error;  // of the last try
    Time retry_at{};
  };

  // False: a commit waits for room on the disk.
  Result<bool> perform_actions();
  Result<void> perform(const ProducerAction& action, Time now);
  Result<void> perform(const Commit& commit);
  void hear();
  // False when more may wait.
  bool receive_control();
  bool has_listened(bool has_heard_all, Time now);
  void take(const Frame& frame);
  bool is_genuine(const Frame& frame, const ControlRecord& record);
  void begin_stop();
  bool must_leave();
  Result<bool> end();
  Result<void> take_rest();
  Duration farewell_time(Time now) const;
  bool reads() const;
  Result<void> read();
  Result<void> read_batches();
  // kUnavailable: the source rests for a while; true. Any other Error is the caller's.
  bool rests_after(const Error& error);
  void log_retry(const Error& error);
  Result<void> tell_settled(const Checkpoint& checkpoint);

  ProducerParts parts_;
  ProducerLinks links_;
  Backlog control_;
  Recipient recipient_;
  ProducerCore core_;
  MemberLinks members_;
  std::deque<ProducerAction> actions_;  // not performed yet
  std::optional<FullDisk> full_disk_;   // the first of them is a commit that waits for room
  std::vector<Frame> message_;
  Progress progress_ = Progress::kMore;
  int seen_stops_ = 0;
  bool stopping_ = false;
  std::optional<Time> leave_by_;
  Time next_tick_{};
  std::optional<Time> flooded_since_;  // control messages come faster than they are taken
  Time next_read_{};                   // after the source had Error kUnavailable
  std::optional<Checkpoint> owed_;     // the settled one that it could not deal with
  Throttle retries_said_;
  Time idle_since_{};
  std::uint64_t malformed_ = 0;
  bool finished_ = false;  // of the core: everything is settled
};

}  // namespace docmill
