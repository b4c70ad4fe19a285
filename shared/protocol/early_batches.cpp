#include "shared/protocol/early_batches.h"

#include <algorithm>

namespace docmill {
std::vector<BatchHeader> EarlyBatches::hold(const BatchHeader& header, std::string_view payload) {
  if (header.share.empty() || !has_run_for(header)) return {};
  if (payload.size() > limits_.bytes.count) {
    ++dropped_;
    return {header};
  }
  Held& held = producers_[header.lineage.producer];
  if (merge(held, header)) return {};
  held.queue.emplace(std::pair(header.sequence, header.share.front().begin),
                     EarlyBatch{header, std::string(payload)});
  held.bytes += payload.size();
  bytes_ += payload.size();
  ++batches_;
  std::vector<BatchHeader> dropped;
  while (batches_ > limits_.batches || bytes_ > limits_.bytes.count) {
    dropped.push_back(drop_last());
  }
  return dropped;
}

// A later run sends everything again that is not settled, and heeds no ack of an earlier one: what
// the earlier one left makes room.
bool EarlyBatches::has_run_for(const BatchHeader& header) {
  const auto found = producers_.find(header.lineage.producer);
  if (found == producers_.end()) return true;
  Held& held = found->second;
  const BatchHeader& known = held.queue.begin()->second.header;
  if (known.lineage == header.lineage && known.run == header.run) return true;
  const auto age = [](const BatchHeader& one) {
    return std::pair(one.lineage.epoch, one.run.counter);
  };
  if (age(header) < age(known)) return false;
  for (auto at = held.queue.begin(); at != held.queue.end();) at = erase(held, at);
  producers_.erase(found);
  return true;
}

// True: a held batch has all of it, and will be acked as the attempt that came last. Looks only
// where the shares of a batch can be: an earlier one at or before its first document, or within it.
bool EarlyBatches::merge(Held& held, const BatchHeader& header) {
  const Sequence sequence = header.sequence;
  for (auto at = held.queue.upper_bound({sequence, header.share.front().begin});
       at != held.queue.begin();) {
    const auto key = std::prev(at)->first;
    BatchHeader& known = std::prev(at)->second.header;
    if (key.first != sequence) break;
    if (covers(known.share, header.share)) {
      known.attempt = std::max(known.attempt, header.attempt);
      return true;
    }
    if (key.second != header.share.front().begin) break;
    --at;
  }
  for (const Span& span : header.share) {
    auto at = held.queue.lower_bound({sequence, span.begin});
    while (at != held.queue.end() && at->first < std::pair(sequence, span.end)) {
      const bool replaced = covers(header.share, at->second.header.share);
      at = replaced ? erase(held, at) : std::next(at);
    }
  }
  return false;
}

EarlyBatches::Queue::iterator EarlyBatches::erase(Held& held, Queue::iterator at) {
  const std::uint64_t bytes = at->second.payload.size();
  held.bytes -= bytes;
  bytes_ -= bytes;
  --batches_;
  return held.queue.erase(at);
}

// Of the producer that has the most here: the one farthest from its turn.
BatchHeader EarlyBatches::drop_last() {
  const bool by_batches = batches_ > limits_.batches;
  const auto most = std::max_element(
      producers_.begin(), producers_.end(), [by_batches](const auto& a, const auto& b) {
        return by_batches ? a.second.queue.size() < b.second.queue.size()
                          : a.second.bytes < b.second.bytes;
      });
  Held& held = most->second;
  const auto last = std::prev(held.queue.end());
  BatchHeader header = last->second.header;
  erase(held, last);
  ++dropped_;
  if (held.queue.empty()) producers_.erase(most);
  return header;
}

const EarlyBatch* EarlyBatches::first(const std::string& producer) const {
  const auto found = producers_.find(producer);
  return found == producers_.end() ? nullptr : &found->second.queue.begin()->second;
}

void EarlyBatches::remove_first(const std::string& producer) {
  const auto found = producers_.find(producer);
  if (found == producers_.end()) return;
  erase(found->second, found->second.queue.begin());
  if (found->second.queue.empty()) producers_.erase(found);
}

}  // namespace docmill
