// The first frame of every message on a document socket, and its two ways: encode and decode.
//
// The payload is the second frame (payload.h). docs/wire-format.md has the drawing in full.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "shared/base/result.h"
#include "shared/protocol/identity.h"
#include "shared/protocol/ledger_mark.h"
#include "shared/protocol/share.h"

namespace docmill {

inline constexpr std::uint8_t kWireVersion = 5;

// Documents in a batch: the most that the pipeline file allows, and one for the end of an input
// that was changed while it was read.
inline constexpr std::uint32_t kMaxDocuments = 65536 + 1;
// Sinks in a list; their number has one byte.
inline constexpr std::size_t kMaxSinks = 255;

// What the message is. The value is on the wire.
enum class MessageKind : std::uint8_t {
  kBatch = 1,       // documents, on their way to a sink
  kEnd = 2,         // the last message of this producer run on this socket; empty payload
  kDefinition = 3,  // the payload is the text of the processors of `processors`
};

struct BatchHeader {
  MessageKind kind = MessageKind::kBatch;
  bool condemned =
      false;  // the documents stopped their transformers: do not parse, pass on as dead
  bool processed = false;  // the payload holds outputs, not inputs
  bool keyed = false;      // each document goes to the sink that owns its key (division.h)
  // Keyed and condemned, the first step: each sink of the list voids the documents, or says what
  // became of them.
  bool voids = false;
  // The documents may stop their transformer: it reports that it starts them before it does, and
  // works on nothing else meanwhile.
  bool alone = false;
  // Whom it is for. Addresses change hands, so that a receiver takes only what names it.
  std::string pipeline;
  std::uint64_t member = 0;  // the incarnation of the transformer, unless it is processed
  std::string sink;          // the name of the sink, when it is processed
  Lineage lineage;
  Run run;
  Sequence sequence = 0;
  // Counts the sends of this batch within its run, from 1. Of an END: 1 when it answers a member
  // that leaves, 0 when the producer ends.
  std::uint32_t attempt = 0;
  std::uint32_t documents = 0;  // input documents of the whole batch
  std::uint32_t deaths = 0;     // transformers that ended while they held the condemned documents
  Share share;                  // the input documents that this message is about
  std::vector<std::string> sinks;       // the sink list of this sequence
  std::vector<ExpectedLedger> ledgers;  // of each sink
  std::uint64_t processors = 0;         // the processor revision of this sequence
  Sequence checkpoint = 0;              // the producer's durable checkpoint
  // The batch before this one that the same sink owns; 0: everything before it that the sink owns
  // is settled. What `order: source` goes by.
  Sequence previous = 0;          // of no meaning in what is keyed
  std::uint64_t origin_hash = 0;  // of the batch as the producer cut it

  // The second step: all sinks of the list have voided it, so its owner may write it.
  bool is_voided() const { return keyed && condemned && !voids; }
  bool operator==(const BatchHeader&) const = default;
};

// The frame, with the hash over itself and the payload.
std::string encode(const BatchHeader& header, std::string_view payload);
// The same for a payload whose hash64() is known already.
std::string encode(const BatchHeader& header, std::uint64_t payload_hash);

// Checks magic, version, hash and every length. The error text says what was expected and found.
Result<BatchHeader> decode_header(std::string_view frame, std::string_view payload);
// The same for a payload whose hash64() is known already.
Result<BatchHeader> decode_hashed_header(std::string_view frame, std::uint64_t payload_hash);

}  // namespace docmill
