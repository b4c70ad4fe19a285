// Inbox: takes the batches for this sink out of all that arrives at its address.
//
// A message that is not one is dropped: counted, and mentioned in the log. One thread; the log
// outlives it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "shared/base/clock.h"
#include "shared/base/log.h"
#include "shared/protocol/header.h"
#include "shared/runtime/recipient.h"
#include "shared/transport/frame.h"

namespace docmill {

class Inbox {
 public:
  Inbox(std::string pipeline, std::string sink, Log& log)
      : recipient_(std::move(pipeline), std::move(sink), log), log_(log) {}

  // The header of a batch for this sink, with an outcome for each document. Nothing: it is dropped.
  std::optional<BatchHeader> take(const std::vector<Frame>& message, Time now);
  // What the ledger found out about a batch that was taken: it contradicts what is known of it, or
  // is another sink's.
  void on_contradiction(const BatchHeader& header);
  void on_other_owner(const BatchHeader& header, Time now) {
    recipient_.on_other_owner(header, now);
  }

  std::uint64_t malformed() const { return malformed_; }
  std::uint64_t misrouted() const { return recipient_.misrouted(); }

 private:
  void drop(const std::string& why);

  Recipient recipient_;
  Log& log_;
  std::uint64_t malformed_ = 0;
};

}  // namespace docmill
