// SinkHost: a simulated host with the files of one sink, and the lives that the sink has there: a
// real Sink with real outputs on a simulated disk.
//
// One thread.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "shared/config/component.h"
#include "shared/store/state_folder.h"
#include "shared/transport/pull_link.h"
#include "sink/output_context.h"
#include "sink/producer_link.h"
#include "sink/sink.h"
#include "sink/spilling.h"
#include "tests/support/daemons/server_output.h"
#include "tests/support/disk/disk_weather.h"

namespace docmill::daemons {

// The mistakes that can be planted around a daemon, to prove that the checker sees them.
enum class Bug {
  kNone,
  kSyncsIgnored,          // a sink's disk says that it synced
  kRejectionLostByRetry,  // fault 1: a rejection is forgotten when its transaction is rolled back
  kRepeatsWritten,        // a sink that starts again knows nothing of what it wrote
  kStuckOnRejections,     // fault 4: two outputs reject a document, and the sink ends with an Error
  // Of whole pipelines only.
  kProducerSyncsIgnored,  // a producer's disk says that it synced: batches are sent before that
  kAckBeforeCommit,       // a sink acknowledges what has arrived
  kAcksNotSplit,          // fault 2: an ack is one message, however large
  kAcksGrow,              // fault 3: quadratic work where outcomes alternate
  kMetadataNotCounted,    // fault 5: metadata does not count against the bytes of a batch
  kSpoolPutBack,          // fault 21: a kill puts back which documents of a spool wait
  kNoDeadline,            // fault 6: who is asked to stop has all the time in the world
  kCommitsNotCompared,    // fault 19: an older copy of a sink's state passes for the newest
  kRepeatsCondemned,      // what was sent four times becomes a dead letter, whatever it was lost by
  kHeartbeatsInABurst,    // fault 8: more heartbeats at once than a producer's queue holds
};

struct OutputPlan {
  // "server" is a ServerOutput, "spill" an http output with on_full: spill on a ServerLink.
  std::string key;
  std::string settings;  // YAML
  std::vector<std::string> routes;
};

// Some of ndjson, json, documents, sqlite and a server, in any order.
std::vector<OutputPlan> draw_outputs(simulation::Dice& dice, std::vector<std::string>& routes);

struct SinkSettings {
  std::vector<OutputPlan> outputs;
  WriteOrder order = WriteOrder::kAny;
  EarlyLimits early;
  Bytes spill{64 << 20};  // of the output "spill", on disk
};

class HostClock final : public Clock {
 public:
  Time now() const override { return time; }
  Time time = Time{} + std::chrono::hours(1);
};

class Request final : public StopRequest {
 public:
  int stops() override { return asked; }
  std::optional<Time> deadline() const override { return until; }
  bool reloading() const override { return reload; }

  int asked = 0;
  bool reload = false;
  std::optional<Time> until;
};

class QuietLog final : public Log {
 public:
  void write(LogLevel, std::string_view) override {}
};

struct SinkHost {
  explicit SinkHost(std::uint64_t seed, std::string called = "s1")
      : name(std::move(called)), dice(seed) {}

  std::string pipeline;  // its name
  std::string name;      // of the sink
  simulation::Dice dice;
  HostClock clock;
  test::DiskModel files;
  Server server;
  Server spill_server;  // of the output "spill"
  SpoolMark old_mark;   // planted: what a spool without its ledger would begin with
  QuietLog log;
  SinkSettings settings;
  Bug bug = Bug::kNone;
};

// From the start of a sink's process to its end.
class SinkLife {
 public:
  // weather: with faults of the disk. The links outlive it.
  SinkLife(SinkHost& host, PullLink& batches, ProducerLink& producers, bool weather);
  ~SinkLife();
  SinkLife(const SinkLife&) = delete;
  SinkLife& operator=(const SinkLife&) = delete;

  Result<void> open();
  Result<bool> step();
  void kill() { disk_.die(); }
  // From now on the disk works.
  void calm() { weather_.clear(); }
  bool dead() const { return disk_.dead(); }

  Request& request() { return request_; }
  const Sink& sink() const { return *sink_; }
  // Documents in spools; all of them have been committed.
  std::uint64_t spilled() const;
  const test::DiskWeather& weather() const { return weather_; }
  std::uint64_t disk_calls() const { return disk_.calls; }

 private:
  Result<std::vector<std::unique_ptr<Output>>> open_outputs_on(OutputContext context,
                                                               std::vector<Component>& chosen);
  Result<std::unique_ptr<Output>> open_spill(const OutputPlan& plan, OutputContext context);
  void forget_answers();

  SinkHost& host_;
  PullLink& batches_;
  ProducerLink& producers_;
  test::SimulatedDisk disk_;
  test::DiskWeather weather_;
  Request request_;
  std::string database_;  // that has the ledger; empty: the ledger is alone
  std::optional<StateFolder> folder_;
  LedgerStore* ledger_ = nullptr;     // of the sink
  std::vector<Spilling*> spillings_;  // of the sink
  std::unique_ptr<Sink> sink_;
};

// The database of the sqlite output.
std::string table_of(const SinkHost& host);

// The table of the sqlite output, with a constraint, as its owner made it before the first start.
Result<void> make_table(SinkHost& host);

}  // namespace docmill::daemons
