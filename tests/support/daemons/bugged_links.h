// Mistakes planted around the links of a sink. BlindLinks hides which commits a producer was told
// of and which the ledger has; EarlyAcks acknowledges a batch when it arrives; UnsplitAcks sends an
// ack in one message, however large; GrowingAcks says again with each document all that was said
// before.
//
// The sink's thread. What they wrap outlives them.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "shared/protocol/records.h"
#include "shared/transport/pull_link.h"
#include "shared/transport/push_link.h"
#include "sink/producer_link.h"

namespace docmill::daemons {

class BlindLinks final : public PullLink, public ProducerLink {
 public:
  // newest: what was said last, also by an earlier life of the sink.
  BlindLinks(PullLink& batches, ProducerLink& producers, LedgerMark& newest)
      : batches_(batches), producers_(producers), newest_(newest) {}

  bool receive(std::vector<Frame>& message) override;
  void send(const Ack& ack, Time now) override;
  void send(const Refusal& refusal, Time now) override { producers_.send(refusal, now); }
  void on_acks_lost(const std::string& producer, Time now) override {
    producers_.on_acks_lost(producer, now);
  }

 private:
  PullLink& batches_;
  ProducerLink& producers_;
  LedgerMark& newest_;
};

class EarlyAcks final : public PullLink, public ProducerLink {
 public:
  EarlyAcks(std::string sink, PullLink& batches, ProducerLink& producers, const Clock& clock)
      : sink_(std::move(sink)), batches_(batches), producers_(producers), clock_(clock) {}

  bool receive(std::vector<Frame>& message) override;
  void send(const Ack& ack, Time now) override;
  void send(const Refusal& refusal, Time now) override { producers_.send(refusal, now); }
  void on_acks_lost(const std::string& producer, Time now) override {
    producers_.on_acks_lost(producer, now);
  }

 private:
  std::string sink_;
  PullLink& batches_;
  ProducerLink& producers_;
  const Clock& clock_;
  LedgerMark ledger_;  // of the last ack
};

class UnsplitAcks final : public ProducerLink {
 public:
  UnsplitAcks(std::string pipeline, std::map<std::string, std::unique_ptr<PushLink>> links)
      : pipeline_(std::move(pipeline)), links_(std::move(links)) {}

  void send(const Ack& ack, Time now) override { put(ack.lineage.producer, ack, now); }
  void send(const Refusal& refusal, Time now) override {
    put(refusal.lineage.producer, refusal, now);
  }
  void on_acks_lost(const std::string&, Time) override {}

 private:
  void put(const std::string& producer, const ControlRecord& record, Time now);

  std::string pipeline_;
  std::map<std::string, std::unique_ptr<PushLink>> links_;
};

class GrowingAcks final : public ProducerLink {
 public:
  explicit GrowingAcks(ProducerLink& producers) : producers_(producers) {}

  void send(const Ack& ack, Time now) override;
  void send(const Refusal& refusal, Time now) override { producers_.send(refusal, now); }
  void on_acks_lost(const std::string& producer, Time now) override {
    producers_.on_acks_lost(producer, now);
  }

 private:
  ProducerLink& producers_;
};

}  // namespace docmill::daemons
