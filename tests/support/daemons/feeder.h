// Feeder: the producers and transformers of a simulated sink. It sends batches, sends them again
// until each document is acknowledged, and knows what must become of each document.
//
// Its network loses, repeats, delays and reorders messages. One thread; the dice outlive it.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "shared/base/clock.h"
#include "shared/protocol/header.h"
#include "shared/protocol/records.h"
#include "shared/transport/pull_link.h"
#include "sink/producer_link.h"
#include "tests/simulation/dice.h"

namespace docmill::daemons {

// What must become of a document.
struct FedDocument {
  std::string id;  // "p1.3.7.0": producer, sequence, index, part
  std::uint64_t n = 0;
  std::string route;       // empty: none
  bool filtered = false;   // has neither id nor bytes
  bool malformed = false;  // a transformer made a dead letter of it
  std::string bytes;
};

struct FeederSettings {
  std::uint32_t producers = 1;
  std::uint32_t batches = 10;    // of each producer
  std::uint32_t documents = 20;  // of a batch, at most
  std::uint32_t padding = 40;    // of a document, at most
  std::uint32_t window = 8;
  bool alternates = false;  // every second document is filtered
  bool wild = false;        // the network loses, repeats and reorders
  bool in_order = false;
  std::vector<std::string> routes;
};

class Feeder final : public PullLink, public ProducerLink {
 public:
  Feeder(const FeederSettings& settings, simulation::Dice& dice, const Clock& clock);

  bool receive(std::vector<Frame>& message) override;
  void send(const Ack& ack, Time now) override;
  void send(const Refusal& refusal, Time now) override;
  void on_acks_lost(const std::string& producer, Time now) override;

  // Sends what is due.
  void turn();
  // The sink's process died: what waited in its socket is lost.
  void on_death();
  // No more faults.
  void calm() { settings_.wild = false; }
  // What a dead process says is not heard.
  void set_deaf(bool deaf) { deaf_ = deaf; }

  bool done() const;
  bool has_message() const;
  // When something happens next.
  Time next() const;
  const std::vector<FedDocument>& documents() const { return documents_; }
  std::uint64_t inputs() const { return inputs_; }
  std::uint64_t sends() const { return sends_; }
  // The first thing that went wrong; empty: nothing.
  const std::string& failure() const { return failure_; }
  std::size_t largest_ack() const { return largest_ack_; }

 private:
  struct Input {
    std::vector<FedDocument> documents;  // of one input: none or many
  };
  struct Batch {
    std::vector<Input> inputs;
    std::vector<bool> settled;
    std::uint32_t attempt = 0;
    Time due{};
    bool complete = false;
  };
  struct Producer {
    Lineage lineage;
    std::map<Sequence, Batch> batches;  // that were cut and are not complete
    Sequence cut = 0;
    Sequence checkpoint = 0;
  };
  struct Message {
    std::string header;
    std::string payload;
  };

  void cut(Producer& producer);
  Input make_input(const Producer& producer, Sequence sequence, std::uint32_t index);
  void send(Producer& producer, Sequence sequence, Batch& batch);
  Message encode_batch(const Producer& producer, Sequence sequence, const Batch& batch) const;
  void settle(const Ack& ack);

  FeederSettings settings_;
  simulation::Dice& dice_;
  const Clock& clock_;
  std::map<std::string, Producer> producers_;
  std::vector<FedDocument> documents_;
  std::uint64_t inputs_ = 0;
  std::uint64_t sends_ = 0;
  std::multimap<Time, Message> on_the_way_;
  LedgerMark ledger_;  // of the newest ack
  bool deaf_ = false;
  std::size_t largest_ack_ = 0;
  std::string failure_;
};

}  // namespace docmill::daemons
