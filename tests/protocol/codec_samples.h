// Messages with every field set, for the tests of the codecs.
#pragma once

#include <string>
#include <vector>

#include "shared/protocol/header.h"
#include "shared/protocol/payload.h"
#include "shared/protocol/records.h"

namespace docmill::samples {

inline BatchHeader header() {
  return {.kind = MessageKind::kBatch,
          .condemned = false,
          .processed = true,
          .keyed = true,
          .pipeline = "books",
          .member = 0x78,
          .sink = "s1",
          .lineage = {.producer = "p1", .epoch = 0x1122334455667788},
          .run = {.counter = 3, .nonce = 0xfeedfacecafebeef},
          .sequence = 42,
          .attempt = 2,
          .documents = 10,
          .deaths = 1,
          .share = {{0, 4}, {6, 10}},
          .sinks = {"s1", "s2"},
          .ledgers = {{0xb2, 0xb3, 17, 0}, {0, 0, 0, 0xb4}},
          .processors = 0xa1,
          .checkpoint = 41,
          .previous = 40,
          .origin_hash = 0xc3};
}

inline Ack ack() {
  return {.sink = "s1",
          .ledger = {.id = 7, .life = {.number = 8, .first = 3}, .commit = 5},
          .lineage = {.producer = "p1", .epoch = 9},
          .run = {.counter = 3, .nonce = 4},
          .entries = {{.sequence = 42,
                       .attempt = 2,
                       .origin_hash = 0xc3,
                       .settled = {{0, 4, Outcome::kDelivered}, {6, 10, Outcome::kDead}}},
                      {.sequence = 43,
                       .attempt = 1,
                       .origin_hash = 0xc4,
                       .settled = {},
                       .early = Early::kDropped}}};
}

inline Refusal refusal() {
  return {.sink = "s1",
          .lineage = {.producer = "p1", .epoch = 9},
          .run = {.counter = 3, .nonce = 4},
          .reason = RefusalReason::kSecondRun,
          .text = "expected run 4, found run 3"};
}

inline Heartbeat heartbeat() {
  return {.member = "t1",
          .incarnation = 0x77,
          .address = "tcp://127.0.0.1:20001",
          .state = MemberState::kDraining,
          .capacity = 4,
          .run = {.counter = 3, .nonce = 4},
          .queued = 7,
          .started = {{.sequence = 42, .attempt = 2}, {.sequence = 45, .attempt = 1}},
          .passed = {{.sequence = 40, .attempt = 1}, {.sequence = 41, .attempt = 3}},
          .returned = {{.sequence = 43, .attempt = 1, .reason = ReturnReason::kUnknownSink},
                       {.sequence = 44, .attempt = 5, .reason = ReturnReason::kLeaving}}};
}

inline Addressee addressee() { return {.pipeline = "books", .producer = "p1"}; }

inline std::vector<ControlRecord> controls() { return {ack(), refusal(), heartbeat()}; }

inline DocumentView document(std::string_view bytes) {
  return {.format = Format::kXml,
          .bytes = bytes,
          .origin = {.source = "books.xml", .record = 7, .offset = 1234, .line = 56},
          .notes = R"("loss":"order")"};
}

// A document, a dead letter, a filtered input and a document of another source.
inline std::string payload() {
  PayloadWriter out;
  out.document(0, document("<a/>"));
  out.dead(1, document("<b>"), "to_json: not well-formed");
  out.filtered(2);
  DocumentView other = document("{}");
  other.format = Format::kJson;
  other.origin.source = "more.xml";
  out.document(3, other);
  return out.take();
}

}  // namespace docmill::samples
