// ProducerWorld: a ProducerCore with batches in flight to two sinks, and what control frames may do
// to it, found out in another way.
//
// It knows what was sent, and settles a document only when the owner of its batch says so of an
// attempt that was made, with the hash of the content and in this run. Then it compares.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "shared/protocol/producer_core.h"
#include "tests/frames/frame_mutator.h"

namespace docmill {

class ProducerWorld {
 public:
  explicit ProducerWorld(FrameMutator& dice);

  // A frame as a sink, a member or a liar would send it.
  std::string frame();
  // Empty when the core did with it what it may.
  std::string feed(const ControlRecord& record);

  std::uint64_t settled() const { return settled_; }

 private:
  struct Sent {
    std::uint64_t hash = 0;
    std::uint32_t attempts = 0;
    std::vector<bool> settled;
  };

  void admit();
  void perform();
  Heartbeat heartbeat(const std::string& member);
  Ack some_ack();
  Ack::Entry some_entry();
  bool is_of_this_run(const Lineage& lineage, const Run& run) const;
  bool goes_on(LedgerMark& known, const LedgerMark& shown);
  void expect(const Ack& ack);
  std::string difference() const;

  FrameMutator& dice_;
  ProducerCore core_;
  Time now_{std::chrono::seconds(1)};
  std::map<Sequence, Sent> sent_;
  std::map<std::string, LedgerMark> ledgers_;
  std::uint64_t admitted_ = 0;
  std::uint64_t settled_ = 0;
  std::uint64_t entries_ = 0;
  bool fatal_expected_ = false;
  bool fatal_ = false;
};

}  // namespace docmill
