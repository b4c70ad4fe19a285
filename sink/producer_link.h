// ProducerLink: the way from a sink back to its producers. Sockets in the daemon, simulated
// connections in tests.
//
// The sink's thread. Nothing is retried: a lost ack is asked for again by sending the batch again.
#pragma once

#include <string>

#include "shared/base/clock.h"
#include "shared/protocol/records.h"

namespace docmill {

class ProducerLink {
 public:
  virtual ~ProducerLink() = default;
  // Never block.
  virtual void send(const Ack& ack, Time now) = 0;
  virtual void send(const Refusal& refusal, Time now) = 0;
  // The producer sends again and again what was acked: its acks get lost.
  virtual void on_acks_lost(const std::string& producer, Time now) = 0;
};

}  // namespace docmill
