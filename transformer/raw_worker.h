// RawWorker: takes documents from a raw link, runs the processors, and sends what becomes of them
// over another one. At most once.
//
// A thread of its own. All workers of a transformer share the two links, each behind a lock: for
// its peers it is one program, however many workers it has.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "shared/base/clock.h"
#include "shared/base/log.h"
#include "shared/base/throttle.h"
#include "shared/runtime/raw_intake.h"
#include "shared/runtime/raw_outlet.h"
#include "shared/transport/poller.h"
#include "shared/transport/wakeup.h"
#include "transformer/chain.h"
#include "transformer/worker_progress.h"

namespace docmill {

struct RawLinks {
  std::mutex receiving;
  RawIntake intake;
  std::mutex sending;
  RawOutlet outlet;
};

struct RawWorkerCounters {
  std::atomic<std::uint64_t> documents = 0;
  std::atomic<std::uint64_t> bytes = 0;
  std::atomic<std::uint64_t> sent = 0;
  std::atomic<std::uint64_t> filtered = 0;
  std::atomic<std::uint64_t> dead = 0;     // could not be processed
  std::atomic<std::uint64_t> dropped = 0;  // found no peer before the end
  std::atomic<std::uint64_t> lossy = 0;
};

class RawWorker {
 public:
  // links and log outlive it.
  static Result<std::unique_ptr<RawWorker>> open(Chain chain, RawLinks& links, Log& log);
  ~RawWorker();

  void start();
  // The thread ends when it has passed on what has arrived, or has received and waited for a peer
  // as long as the patience lasts, in all. May be called again, to end it sooner.
  void ask_to_stop(Duration patience);
  bool ended() const { return ended_; }
  const RawWorkerCounters& counters() const { return counters_; }
  const WorkerProgress& progress() const { return progress_; }

 private:
  RawWorker(Chain chain, RawLinks& links, Wakeup wakeup, Log& log);

  void run();
  // One message at most, so that a flood of bad ones does not hide a stop. True: a document.
  bool receive();
  bool is_overdue() const;
  void work();
  void pass_on(std::string_view payload);
  bool send(const DocumentView& document);
  void bury(std::string_view reason);

  Chain chain_;
  RawLinks& links_;
  Wakeup wakeup_;
  Log& log_;
  SystemClock clock_;
  Poller poller_;
  Throttle throttle_;
  WorkerProgress progress_;
  RawWorkerCounters counters_;
  PayloadWriter payload_;
  std::uint32_t index_ = 0;
  // The document at hand.
  DocumentView document_;
  std::string bytes_;
  std::string source_;
  std::string notes_;
  std::string reason_;
  std::atomic<bool> stopping_ = false;
  bool drained_ = false;  // it is stopping, and nothing more has arrived
  std::atomic<bool> ended_ = false;
  std::atomic<Duration::rep> leave_by_ = 0;  // the clock's time; counts when it is stopping
  std::thread thread_;
};

}  // namespace docmill
