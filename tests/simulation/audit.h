// Audit: the checker. It knows the true input and what is durable in the outputs, and believes no
// core's bookkeeping.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "shared/protocol/cutter.h"
#include "shared/protocol/header.h"
#include "shared/protocol/ledger_core.h"
#include "shared/protocol/ledger_state.h"
#include "shared/protocol/records.h"
#include "tests/simulation/input.h"

namespace docmill::simulation {

// How an input document ended in an output or among the dead letters.
enum class End { kDelivered, kFiltered, kMalformed, kUnreadable, kCondemned, kCollision, kSurplus };
inline constexpr std::size_t kEnds = 7;

// One line of a sink's outputs.
struct Written {
  std::size_t producer = 0;
  std::uint64_t epoch = 0;
  Sequence sequence = 0;
  std::uint64_t origin_hash = 0;
  std::uint32_t index = 0;
  End end = End::kDelivered;
  std::size_t output = 0;  // of several for one input
  std::string bytes;       // of the document, as it was in the input; a filtered one has none
};

class Audit {
 public:
  explicit Audit(World& world) : world_(world) {}

  Input& add_producer();
  Input& input(std::size_t producer) { return *inputs_[producer].input; }
  std::size_t producers() const { return inputs_.size(); }

  // A producer forgets all, and everything of its input must come once more.
  void begin_epoch(std::size_t producer, std::uint64_t epoch);
  // A producer has cut a batch.
  void cut(std::size_t producer, const Batch& batch);
  std::string bytes_of(std::size_t producer, Sequence sequence, std::uint64_t origin_hash,
                       std::uint32_t index) const;
  // A producer sends it; durable: what is on its disk now.
  void sent(std::size_t producer, const BatchHeader& header, const ProducerState& durable);
  // A document of a batch goes to the dead letters because of `deaths` members that it was with.
  void condemned(std::size_t producer, const BatchHeader& header, std::size_t deaths,
                 std::size_t needed);
  // A checkpoint is on a producer's disk.
  void checkpoint(std::size_t producer, const Checkpoint& durable);
  // A line is in a sink's output for ever.
  void committed(const std::string& sink, WriteOrder order, const Written& written);
  void acked(const Ack& ack);
  // A sink starts with that ledger, which must have what the sink has acked as void.
  void started(const std::string& sink, const LedgerState& durable);
  // Everything has come to its end.
  void finished(std::size_t producer, const ProducerState& durable);
  void ledger(const std::string& sink, const LedgerTotals& totals,
              const std::vector<Written>& output);

 private:
  // What became of one version of a document.
  struct Tally {
    std::uint32_t ends[kEnds] = {};
    std::uint32_t second_outputs = 0;
    // However often, but collisions, which are a second life by their nature.
    std::uint32_t lives() const;
  };
  struct CutBatch {
    std::vector<DocumentName> documents;
    std::vector<bool> settled;  // durably, at a sink
  };
  // A line's place in the order of its source: sequence, index, output.
  using Line = std::tuple<Sequence, std::uint32_t, std::size_t>;
  struct SentBatch {
    std::vector<std::string> sinks;
    bool keyed = false;
    std::uint64_t processors = 0;
    std::uint64_t origin_hash = 0;
  };
  struct Truth {
    std::unique_ptr<Input> input;
    std::uint64_t epoch = 0;
    std::set<std::string> begun;  // the sinks that have something of this epoch
    std::map<std::pair<Sequence, std::uint64_t>, CutBatch> batches;  // by sequence and hash
    std::map<Sequence, SentBatch> sent;
    std::set<std::tuple<Sequence, std::uint64_t, std::uint32_t>> condemned;  // with enough deaths
    // By sink: sequence, hash and index of documents that it has acked as void.
    std::map<std::string, std::set<std::tuple<Sequence, std::uint64_t, std::uint32_t>>> voided;
    std::map<std::pair<std::size_t, std::size_t>, std::vector<Tally>> tallies;  // file, version
    Place checked;                     // all before it is known to be durable
    Sequence checkpoint = 0;           // durable
    std::map<std::string, Line> last;  // by sink
    bool changed() const;
  };

  void check_sink(const Truth& truth, const std::string& sink, const Written& written,
                  const DocumentName& name);
  void check_order(Truth& truth, const std::string& sink, const Written& written);
  Tally& tally(Truth& truth, std::size_t file, std::size_t version, std::size_t document);
  void check_document(std::size_t producer, std::size_t file, std::size_t document);
  void check_changed(std::size_t producer, std::size_t file);
  bool as_fated(const Tally& tally, Fate fate) const;
  static std::size_t producer_of(const Lineage& lineage);

  World& world_;
  std::vector<Truth> inputs_;
};

// "p3" is 3.
std::size_t number_of(const std::string& name);

}  // namespace docmill::simulation
