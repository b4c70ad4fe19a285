// EarlyBatches: what came to a sink before its turn, where documents are written in the order of
// their source.
//
// Bounded in batches and bytes over all producers: what does not fit is dropped, not acked, and
// sent again by its producer; what is nearest to its turn stays. A batch whose turn it is never
// waits here, so every producer goes on however little fits. Memory only; not thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "shared/base/units.h"
#include "shared/protocol/header.h"

namespace docmill {

struct EarlyLimits {
  std::uint32_t batches = 1024;
  Bytes bytes{64 << 20};
};

struct EarlyBatch {
  BatchHeader header;
  std::string payload;
};

class EarlyBatches {
 public:
  explicit EarlyBatches(const EarlyLimits& limits) : limits_(limits) {}

  // Keeps a copy, unless there is no room, or a later run or epoch of the producer has something
  // here. What it has already is not kept twice. Gives what was dropped for want of room: this one,
  // or others that are farther from their turn.
  std::vector<BatchHeader> hold(const BatchHeader& header, std::string_view payload);
  // The one of the producer whose turn comes first; null when there is none. Valid until the next
  // call.
  const EarlyBatch* first(const std::string& producer) const;
  void remove_first(const std::string& producer);

  std::size_t batches() const { return batches_; }
  std::uint64_t bytes() const { return bytes_; }
  // For want of room.
  std::uint64_t dropped() const { return dropped_; }

 private:
  // By sequence and first document.
  using Queue = std::multimap<std::pair<Sequence, std::uint32_t>, EarlyBatch>;
  struct Held {
    Queue queue;
    std::uint64_t bytes = 0;
  };

  bool has_run_for(const BatchHeader& header);
  bool merge(Held& held, const BatchHeader& header);
  Queue::iterator erase(Held& held, Queue::iterator at);
  BatchHeader drop_last();

  EarlyLimits limits_;
  std::map<std::string, Held> producers_;  // none is empty
  std::size_t batches_ = 0;
  std::uint64_t bytes_ = 0;
  std::uint64_t dropped_ = 0;
};

}  // namespace docmill
