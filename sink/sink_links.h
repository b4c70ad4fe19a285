// What a sink is connected to, as interfaces: sockets and signals in the daemon, simulated ones in
// tests. The sink's thread calls all of them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "shared/base/clock.h"
#include "shared/protocol/records.h"
#include "shared/transport/frame.h"

namespace docmill {

// Where batches arrive.
class BatchLink {
 public:
  virtual ~BatchLink() = default;
  // The next message; its frames replace those in `message`. False when there is none right now.
  // Never blocks.
  virtual bool receive(std::vector<Frame>& message) = 0;
};

// The way back to the producers. Nothing is retried: a lost ack is asked for again by sending the
// batch again. Never blocks.
class ProducerLink {
 public:
  virtual ~ProducerLink() = default;
  virtual void send(const Ack& ack, Time now) = 0;
  virtual void send(const Refusal& refusal, Time now) = 0;
  // The producer sends again and again what was acked: its acks get lost.
  virtual void on_acks_lost(const std::string& producer, Time now) = 0;
};

// What the sink is asked to do.
class StopRequest {
 public:
  virtual ~StopRequest() = default;
  // 0: nothing; 1: end in order; more: end at once.
  virtual int stops() = 0;
  // With stops(): until when the sink may wait for others.
  virtual std::optional<Time> deadline() const = 0;
  // The sink is opened again when it has ended.
  virtual bool reloading() const = 0;
};

}  // namespace docmill
