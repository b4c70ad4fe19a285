// The limits of the sockets inside a pipeline, the same on both ends of each link.
#pragma once

#include <algorithm>

#include "shared/config/largest.h"
#include "shared/config/pipeline.h"
#include "shared/transport/limits.h"

namespace docmill {

// The most that the outputs of a batch may take, all together. A batch of the largest size, or of
// one largest document, may grow fourfold on its way through a transformer.
inline Bytes largest_payload(const LimitsConfig& limits) {
  return {std::max(limits.document, kLargestBatch).count * 4};
}

// Documents: small queues, because the window at the producer is the queue that counts. A frame
// holds the outputs of a batch, or dead letters of its inputs, and what goes with them.
//
// Its limit is that of the largest `limits.document` there can be, not of the one in the pipeline
// file: a batch keeps the limits that it was cut under, and daemons take over an edited file one
// after the other. A link with the limit of today's file would break at such a batch for ever.
inline SocketLimits document_link(std::uint32_t messages) {
  constexpr LimitsConfig kLargest{.document = kLargestDocument};
  return {.frames = 2,
          .frame = {largest_payload(kLargest).count * 3 / 2},
          .buffer = {256 << 10},
          .messages = messages};
}

// Acks, refusals and presence.
inline SocketLimits control_link(std::uint32_t messages = 1000) {
  return {.frames = 1, .frame = {1 << 20}, .buffer = {256 << 10}, .messages = messages};
}

}  // namespace docmill
