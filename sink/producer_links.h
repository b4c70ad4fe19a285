// ProducerLinks: a sink's way back to the producers - acks and refusals, by the addresses of the
// pipeline file.
//
// Nothing here is retried: a lost ack is asked for again by sending the batch again. One thread.
#pragma once

#include <map>
#include <string>

#include "shared/base/clock.h"
#include "shared/base/log.h"
#include "shared/config/pipeline.h"
#include "shared/protocol/records.h"
#include "shared/runtime/security.h"
#include "shared/transport/push_socket.h"

namespace docmill {

class ProducerLinks {
 public:
  static Result<ProducerLinks> open(const Context& context, const NetworkConfig& network,
                                    const Security& security, Log& log);

  void send(const Ack& ack, Time now);
  // At most one in a second for each producer; the batches that cause them come in thousands.
  void send(const Refusal& refusal, Time now);
  // Two epochs of one name at the same time are two producers with one name: an alarm in the log.
  void saw(const Lineage& lineage, Time now);

  std::uint64_t dropped() const { return dropped_; }

 private:
  struct Link {
    PushSocket socket;
    Time refused_at{};
    std::map<std::uint64_t, Time> epochs;  // when each was last seen
    Time alarmed_at{};
  };

  explicit ProducerLinks(Log& log) : log_(&log) {}
  void send(const std::string& producer, const ControlRecord& record, Time now);

  Log* log_;
  std::map<std::string, Link> links_;
  std::uint64_t dropped_ = 0;
};

}  // namespace docmill
