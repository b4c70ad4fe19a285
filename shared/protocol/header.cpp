#include "shared/protocol/header.h"

#include <fmt/format.h>

#include <cstring>

#include "shared/base/binary.h"
#include "shared/base/check.h"
#include "shared/base/hash.h"

namespace docmill {
namespace {

//  offset  size  field
//       0     4  magic "DMIL"
//       4     1  version (5)
//       5     1  kind: 1 batch, 2 end, 3 definition
//       6     2  flags: bit 0 condemned, bit 1 processed, bit 2 keyed, bit 3 voids, bit 4 alone
//       8     8  hash of this frame (with these 8 bytes zero), seeded with the hash of the payload
//      16     8  origin hash
//      24     8  epoch
//      32     8  sequence
//      40     8  durable checkpoint
//      48     8  run nonce
//      56     4  run counter
//      60     4  attempt
//      64     8  processor revision
//      72     4  input documents
//      76     4  deaths
//      80     8  previous sequence of the same sink
//      88     8  incarnation of the transformer that it is for; 0: it is processed
//      96        pipeline: length (1), bytes
//                sink that it is for: length (1), bytes; empty: it is not processed
//                producer: length (1), bytes
//                sinks: count (1), each length (1), bytes, and of its ledger the expected id (8),
//                life (8) and commit (8) and the id of the forgotten one (8)
//                share: count (4), each begin (4), end (4)
constexpr std::string_view kMagic = "DMIL";
constexpr std::size_t kHashAt = 8;
constexpr std::uint16_t kCondemned = 1;
constexpr std::uint16_t kProcessed = 2;
constexpr std::uint16_t kKeyed = 4;
constexpr std::uint16_t kVoids = 8;
constexpr std::uint16_t kAlone = 16;
constexpr std::uint16_t kFlags = kCondemned | kProcessed | kKeyed | kVoids | kAlone;

std::uint16_t flags_of(const BatchHeader& header) {
  return static_cast<std::uint16_t>(
      (header.condemned ? kCondemned : 0) | (header.processed ? kProcessed : 0) |
      (header.keyed ? kKeyed : 0) | (header.voids ? kVoids : 0) | (header.alone ? kAlone : 0));
}

bool are_known(std::uint16_t flags) {
  if ((flags & ~kFlags) != 0) return false;
  return (flags & kVoids) == 0 || (flags & (kKeyed | kCondemned)) == (kKeyed | kCondemned);
}

std::uint64_t frame_hash(std::string frame, std::uint64_t payload_hash) {
  std::memset(frame.data() + kHashAt, 0, sizeof(std::uint64_t));
  return hash64(frame, payload_hash);
}

bool sorted_and_within(const Share& share, std::uint32_t documents) {
  std::uint32_t at = 0;
  for (const Span& span : share) {
    if (span.begin < at || span.begin >= span.end || span.end > documents) return false;
    at = span.end;
  }
  return true;
}

}  // namespace

std::string encode(const BatchHeader& header, std::string_view payload) {
  return encode(header, hash64(payload));
}

std::string encode(const BatchHeader& header, std::uint64_t payload_hash) {
  std::string frame(kMagic);
  BinaryWriter out(frame);
  out.number(kWireVersion);
  out.number(static_cast<std::uint8_t>(header.kind));
  out.number(flags_of(header));
  out.number(std::uint64_t{0});
  out.number(header.origin_hash);
  out.number(header.lineage.epoch);
  out.number(header.sequence);
  out.number(header.checkpoint);
  out.number(header.run.nonce);
  out.number(header.run.counter);
  out.number(header.attempt);
  out.number(header.processors);
  out.number(header.documents);
  out.number(header.deaths);
  out.number(header.previous);
  out.number(header.member);
  out.text<std::uint8_t>(header.pipeline);
  out.text<std::uint8_t>(header.sink);
  out.text<std::uint8_t>(header.lineage.producer);
  DOCMILL_CHECK(header.sinks.size() <= kMaxSinks, "{} sinks", header.sinks.size());
  out.number(static_cast<std::uint8_t>(header.sinks.size()));
  for (std::size_t i = 0; i < header.sinks.size(); ++i) {
    out.text<std::uint8_t>(header.sinks[i]);
    const ExpectedLedger ledger = i < header.ledgers.size() ? header.ledgers[i] : ExpectedLedger{};
    out.number(ledger.id);
    out.number(ledger.life);
    out.number(ledger.commit);
    out.number(ledger.forgotten);
  }
  out.number(static_cast<std::uint32_t>(header.share.size()));
  for (const Span& span : header.share) {
    out.number(span.begin);
    out.number(span.end);
  }
  const std::uint64_t hash = frame_hash(frame, payload_hash);
  std::memcpy(frame.data() + kHashAt, &hash, sizeof hash);
  return frame;
}

Result<BatchHeader> decode_header(std::string_view frame, std::string_view payload) {
  return decode_hashed_header(frame, hash64(payload));
}

Result<BatchHeader> decode_hashed_header(std::string_view frame, std::uint64_t payload_hash) {
  BinaryReader in(frame);
  if (in.bytes(kMagic.size()) != kMagic) {
    return malformed("expected a docmill message (DMIL), found other bytes");
  }
  if (const auto version = in.number<std::uint8_t>(); in.ok() && version != kWireVersion) {
    return malformed(
        fmt::format("expected wire version {}, found {}; run the same docmill on both sides",
                    kWireVersion, version));
  }
  BatchHeader header;
  const auto kind = in.number<std::uint8_t>();
  const auto flags = in.number<std::uint16_t>();
  const auto hash = in.number<std::uint64_t>();
  header.kind = static_cast<MessageKind>(kind);
  header.condemned = (flags & kCondemned) != 0;
  header.processed = (flags & kProcessed) != 0;
  header.keyed = (flags & kKeyed) != 0;
  header.voids = (flags & kVoids) != 0;
  header.alone = (flags & kAlone) != 0;
  header.origin_hash = in.number<std::uint64_t>();
  header.lineage.epoch = in.number<std::uint64_t>();
  header.sequence = in.number<std::uint64_t>();
  header.checkpoint = in.number<std::uint64_t>();
  header.run.nonce = in.number<std::uint64_t>();
  header.run.counter = in.number<std::uint32_t>();
  header.attempt = in.number<std::uint32_t>();
  header.processors = in.number<std::uint64_t>();
  header.documents = in.number<std::uint32_t>();
  header.deaths = in.number<std::uint32_t>();
  header.previous = in.number<std::uint64_t>();
  header.member = in.number<std::uint64_t>();
  header.pipeline = in.text<std::uint8_t>();
  header.sink = in.text<std::uint8_t>();
  header.lineage.producer = in.text<std::uint8_t>();
  header.sinks.resize(in.number<std::uint8_t>());
  header.ledgers.resize(header.sinks.size());
  for (std::size_t i = 0; i < header.sinks.size(); ++i) {
    header.sinks[i] = in.text<std::uint8_t>();
    ExpectedLedger& ledger = header.ledgers[i];
    ledger.id = in.number<std::uint64_t>();
    ledger.life = in.number<std::uint64_t>();
    ledger.commit = in.number<std::uint64_t>();
    ledger.forgotten = in.number<std::uint64_t>();
  }
  const auto spans = in.number<std::uint32_t>();
  if (!in.ok() || in.left().size() != std::size_t{spans} * 2 * sizeof(std::uint32_t)) {
    return malformed(fmt::format("expected a whole header, found {} bytes", frame.size()));
  }
  header.share.resize(spans);
  for (Span& span : header.share) {
    span.begin = in.number<std::uint32_t>();
    span.end = in.number<std::uint32_t>();
  }
  if (frame_hash(std::string(frame), payload_hash) != hash) {
    return malformed("the hash of the frames does not match: they were damaged on the way");
  }
  if (kind < 1 || kind > 3 || !are_known(flags) ||
      !sorted_and_within(header.share, header.documents)) {
    return malformed(
        fmt::format("message kind {}, flags {} or its share is not known to wire "
                    "version {}",
                    kind, flags, kWireVersion));
  }
  if (header.documents > kMaxDocuments) {
    return malformed(fmt::format("expected at most {} documents in a batch, found {}",
                                 kMaxDocuments, header.documents));
  }
  if (header.kind == MessageKind::kBatch && (header.sinks.empty() || header.share.empty())) {
    return malformed(
        fmt::format("expected a batch with sinks and documents, found {} sinks and {} documents",
                    header.sinks.size(), count(header.share)));
  }
  return header;
}

}  // namespace docmill
