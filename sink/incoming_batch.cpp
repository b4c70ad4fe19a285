#include "sink/incoming_batch.h"

#include <fmt/format.h>

#include "shared/protocol/payload.h"

namespace docmill {
namespace {

// Far more than a batch can hold; bounds what a damaged header could make us reserve.
constexpr std::uint32_t kDocumentsAtMost = 1 << 24;

// The payload, read to its end, has an entry for each document of the share.
Result<void> expect_whole(const BatchHeader& header, std::string_view payload) {
  std::vector<bool> told(header.documents, false);
  PayloadReader reader(payload);
  Entry entry;
  auto more = reader.next(entry);
  for (; more && *more; more = reader.next(entry)) {
    if (entry.index < header.documents) told[entry.index] = true;
  }
  if (!more) return more.error();
  for (const Span& span : header.share) {
    for (std::uint32_t index = span.begin; index < span.end; ++index) {
      if (told[index]) continue;
      return malformed(fmt::format("batch {} of {} does not say what became of its document {}",
                                   header.sequence, header.lineage.producer, index));
    }
  }
  return {};
}

}  // namespace

Result<BatchHeader> read_incoming(const std::vector<Frame>& message) {
  if (message.size() != 2)
    return malformed(fmt::format("expected two frames, found {}", message.size()));
  return decode_header(message[0].bytes(), message[1].bytes());
}

Result<void> expect_outputs(const BatchHeader& header, std::string_view payload) {
  if (header.kind != MessageKind::kBatch || !header.processed) {
    return malformed("expected a batch that a transformer has worked on, found another message");
  }
  if (header.documents > kDocumentsAtMost) {
    return malformed(fmt::format("expected at most {} documents in a batch, found {}",
                                 kDocumentsAtMost, header.documents));
  }
  return expect_whole(header, payload);
}

std::string collision_text(const BatchHeader& header) {
  return fmt::format(
      "sink: batch {} of {} came with other content than what was settled before; a file changed "
      "under way, or a state folder was copied",
      header.sequence, header.lineage.producer);
}

std::string contradiction_text(const BatchHeader& header) {
  return fmt::format(
      "batch {0} of {1}: expected as many documents as its earlier messages "
      "have, got {2}; find out who else sends in the name of {1}",
      header.sequence, header.lineage.producer, header.documents);
}

}  // namespace docmill
