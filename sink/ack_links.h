// AckLinks: a sink's way back to the producers - acks and refusals, by the addresses of the
// pipeline file.
//
// Nothing here is retried: a lost ack is asked for again by sending the batch again. 16 MiB wait
// for a producer that takes nothing; what is more is dropped. One thread.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "shared/base/clock.h"
#include "shared/base/log.h"
#include "shared/config/pipeline.h"
#include "shared/protocol/records.h"
#include "shared/runtime/security.h"
#include "shared/transport/context.h"
#include "shared/transport/push_link.h"
#include "sink/producer_link.h"

namespace docmill {

class AckLinks final : public ProducerLink {
 public:
  static Result<AckLinks> open(const Context& context, const PipelineConfig& config,
                               const Security& security, Log& log);

  // pipeline: its name. links: by producer.
  AckLinks(std::string pipeline, std::map<std::string, std::unique_ptr<PushLink>> links, Log& log);

  void send(const Ack& ack, Time now) override;
  // At most one in a second for each run, and in the log one in a minute for each text; the batches
  // that cause them come in thousands.
  void send(const Refusal& refusal, Time now) override;

  // The producer sends again and again what it has an ack for: the way to it loses them. The link
  // is made anew, at most every 10 s.
  void on_acks_lost(const std::string& producer, Time now) override;

  // Producers whose names have several addresses; to be called often, because acks are dropped
  // while none of these is connected.
  void follow();

  std::uint64_t dropped() const { return dropped_; }

 private:
  struct Link {
    std::unique_ptr<PushLink> way;
    Time renewed{};
    std::map<std::uint64_t, Time> told;  // when each run was, by its nonce
    std::map<std::string, Time> said;    // when each text was
  };

  void send(const std::string& producer, const ControlRecord& record, Time now);

  std::string pipeline_;
  Log* log_;
  std::map<std::string, Link> links_;
  std::uint64_t dropped_ = 0;
};

}  // namespace docmill
