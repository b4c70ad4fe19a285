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

  // Keeps a copy, unless there is no room, or a later run of the producer has something here. What
  // it has already is not kept twice.
  void hold(const BatchHeader& header, std::string_view payload);
  // The one whose turn comes first; null when there is none. Valid until the next call.
  const EarlyBatch* first(const Lineage& lineage) const;
  void remove_first(const Lineage& lineage);

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
  using Lineages = std::map<Lineage, Held>;

  bool has_run_for(const BatchHeader& header);
  bool merge(Held& held, const BatchHeader& header);
  Queue::iterator erase(Held& held, Queue::iterator at);
  void drop_last();

  EarlyLimits limits_;
  Lineages lineages_;  // none is empty
  std::size_t batches_ = 0;
  std::uint64_t bytes_ = 0;
  std::uint64_t dropped_ = 0;
};

}  // namespace docmill
