// The limits of the sockets inside a pipeline, the same on both ends of each link.
#pragma once

#include "shared/config/pipeline.h"
#include "shared/transport/limits.h"

namespace docmill {

// Documents: small queues, because the window at the producer is the queue that counts. A frame
// holds a batch; a document may grow fourfold on its way through a transformer.
inline SocketLimits document_link(const LimitsConfig& limits, std::uint32_t messages) {
  return {.frames = 2,
          .frame = {limits.document.count * 4 + (1 << 20)},
          .buffer = {256 << 10},
          .messages = messages};
}

// Acks, refusals and presence.
inline SocketLimits control_link() {
  return {.frames = 1, .frame = {1 << 20}, .buffer = {256 << 10}, .messages = 1000};
}

}  // namespace docmill
