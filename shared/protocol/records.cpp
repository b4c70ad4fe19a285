#include "shared/protocol/records.h"

#include <fmt/format.h>

#include <cstring>

#include "shared/base/binary.h"
#include "shared/base/hash.h"
#include "shared/protocol/header.h"

namespace docmill {
namespace {

//  offset  size  field
//       0     4  magic "DMCT"
//       4     1  version (5)
//       5     1  kind: 1 ack, 2 refusal, 3 heartbeat
//       6     2  flags: none yet, zero
//       8     8  hash of all that follows, seeded with the hash of the 8 bytes before it
//      16        the names of the pipeline and of the producer that it is for, then the record;
//                texts are a length (1 or 2 bytes) and bytes
constexpr std::string_view kMagic = "DMCT";
constexpr std::size_t kHashAt = 8;
constexpr std::size_t kBodyAt = 16;
constexpr std::size_t kSettledBytes = 9;
constexpr std::size_t kAttemptBytes = 12;
constexpr std::size_t kReturnedBytes = 13;

std::uint64_t record_hash(std::string_view frame) {
  return hash64(frame.substr(kBodyAt), hash64(frame.substr(0, kHashAt)));
}

void write_run(BinaryWriter& out, const Run& run) {
  out.number(run.counter);
  out.number(run.nonce);
}

Run read_run(BinaryReader& in) {
  Run run;
  run.counter = in.number<std::uint32_t>();
  run.nonce = in.number<std::uint64_t>();
  return run;
}

void write_lineage(BinaryWriter& out, const Lineage& lineage) {
  out.text<std::uint8_t>(lineage.producer);
  out.number(lineage.epoch);
}

Lineage read_lineage(BinaryReader& in) {
  Lineage lineage;
  lineage.producer = in.text<std::uint8_t>();
  lineage.epoch = in.number<std::uint64_t>();
  return lineage;
}

void write(BinaryWriter& out, const Ack& ack) {
  out.text<std::uint8_t>(ack.sink);
  out.number(ack.ledger.id);
  out.number(ack.ledger.life.number);
  out.number(ack.ledger.life.first);
  out.number(ack.ledger.commit);
  write_lineage(out, ack.lineage);
  write_run(out, ack.run);
  out.number(static_cast<std::uint32_t>(ack.entries.size()));
  for (const Ack::Entry& entry : ack.entries) {
    out.number(entry.sequence);
    out.number(entry.attempt);
    out.number(entry.origin_hash);
    out.number(static_cast<std::uint8_t>(entry.early));
    out.number(static_cast<std::uint32_t>(entry.settled.size()));
    for (const SettledSpan& span : entry.settled) {
      out.number(span.begin);
      out.number(span.end);
      out.number(static_cast<std::uint8_t>(span.outcome));
    }
  }
}

bool read(BinaryReader& in, Ack& ack) {
  ack.sink = in.text<std::uint8_t>();
  ack.ledger.id = in.number<std::uint64_t>();
  ack.ledger.life.number = in.number<std::uint64_t>();
  ack.ledger.life.first = in.number<std::uint64_t>();
  ack.ledger.commit = in.number<std::uint64_t>();
  if (ack.ledger.commit < ack.ledger.life.first) return false;
  ack.lineage = read_lineage(in);
  ack.run = read_run(in);
  for (auto left = in.number<std::uint32_t>(); left > 0 && in.ok(); --left) {
    Ack::Entry entry;
    entry.sequence = in.number<std::uint64_t>();
    entry.attempt = in.number<std::uint32_t>();
    entry.origin_hash = in.number<std::uint64_t>();
    const auto early = in.number<std::uint8_t>();
    const auto spans = in.number<std::uint32_t>();
    if (in.left().size() / kSettledBytes < spans || early > 2 || (early != 0 && spans != 0)) {
      return false;
    }
    entry.early = static_cast<Early>(early);
    std::uint32_t least = 0;
    for (std::uint32_t i = 0; i < spans; ++i) {
      SettledSpan span;
      span.begin = in.number<std::uint32_t>();
      span.end = in.number<std::uint32_t>();
      const auto outcome = in.number<std::uint8_t>();
      if (outcome >= kOutcomes || span.begin < least || span.begin >= span.end) return false;
      least = span.end;
      span.outcome = static_cast<Outcome>(outcome);
      entry.settled.push_back(span);
    }
    ack.entries.push_back(std::move(entry));
  }
  return true;
}

void write(BinaryWriter& out, const Refusal& refusal) {
  out.text<std::uint8_t>(refusal.sink);
  write_lineage(out, refusal.lineage);
  write_run(out, refusal.run);
  out.number(static_cast<std::uint8_t>(refusal.reason));
  out.text<std::uint16_t>(refusal.text);
}

bool read(BinaryReader& in, Refusal& refusal) {
  refusal.sink = in.text<std::uint8_t>();
  refusal.lineage = read_lineage(in);
  refusal.run = read_run(in);
  const auto reason = in.number<std::uint8_t>();
  refusal.reason = static_cast<RefusalReason>(reason);
  refusal.text = in.text<std::uint16_t>();
  return reason >= 1 && reason <= 7;
}

void write(BinaryWriter& out, const std::vector<Attempt>& attempts) {
  out.number(static_cast<std::uint32_t>(attempts.size()));
  for (const Attempt& attempt : attempts) {
    out.number(attempt.sequence);
    out.number(attempt.attempt);
  }
}

bool read(BinaryReader& in, std::vector<Attempt>& attempts) {
  const auto count = in.number<std::uint32_t>();
  if (in.left().size() / kAttemptBytes < count) return false;
  attempts.resize(count);
  for (Attempt& attempt : attempts) {
    attempt.sequence = in.number<std::uint64_t>();
    attempt.attempt = in.number<std::uint32_t>();
  }
  return true;
}

void write(BinaryWriter& out, const Heartbeat& heartbeat) {
  out.text<std::uint8_t>(heartbeat.member);
  out.number(heartbeat.incarnation);
  out.text<std::uint8_t>(heartbeat.address);
  out.number(static_cast<std::uint8_t>(heartbeat.state));
  out.number(heartbeat.capacity);
  write_run(out, heartbeat.run);
  out.number(heartbeat.queued);
  write(out, heartbeat.started);
  write(out, heartbeat.passed);
  out.number(static_cast<std::uint32_t>(heartbeat.returned.size()));
  for (const Heartbeat::Returned& returned : heartbeat.returned) {
    out.number(returned.sequence);
    out.number(returned.attempt);
    out.number(static_cast<std::uint8_t>(returned.reason));
  }
}

bool read(BinaryReader& in, Heartbeat& heartbeat) {
  heartbeat.member = in.text<std::uint8_t>();
  heartbeat.incarnation = in.number<std::uint64_t>();
  heartbeat.address = in.text<std::uint8_t>();
  const auto state = in.number<std::uint8_t>();
  heartbeat.state = static_cast<MemberState>(state);
  heartbeat.capacity = in.number<std::uint32_t>();
  heartbeat.run = read_run(in);
  heartbeat.queued = in.number<std::uint32_t>();
  if (state < 1 || state > 3 || heartbeat.capacity == 0) return false;
  if (!read(in, heartbeat.started) || !read(in, heartbeat.passed)) return false;
  const auto returned = in.number<std::uint32_t>();
  if (in.left().size() / kReturnedBytes < returned) return false;
  for (std::uint32_t i = 0; i < returned; ++i) {
    Heartbeat::Returned entry;
    entry.sequence = in.number<std::uint64_t>();
    entry.attempt = in.number<std::uint32_t>();
    const auto reason = in.number<std::uint8_t>();
    if (reason < 1 || reason > 5) return false;
    entry.reason = static_cast<ReturnReason>(reason);
    heartbeat.returned.push_back(entry);
  }
  return true;
}

template <typename Record>
Result<ControlMessage> read_whole(std::string_view body) {
  BinaryReader in(body);
  Addressee to;
  to.pipeline = in.text<std::uint8_t>();
  to.producer = in.text<std::uint8_t>();
  Record record;
  if (!read(in, record) || !in.ok() || !in.left().empty()) {
    return malformed(fmt::format("expected a whole control record, found {} bytes", body.size()));
  }
  return ControlMessage{std::move(to), std::move(record)};
}

}  // namespace

std::string encode(const ControlRecord& record, const Addressee& to) {
  std::string frame(kMagic);
  BinaryWriter out(frame);
  out.number(kWireVersion);
  out.number(static_cast<std::uint8_t>(record.index() + 1));
  out.number(std::uint16_t{0});
  out.number(std::uint64_t{0});
  out.text<std::uint8_t>(to.pipeline);
  out.text<std::uint8_t>(to.producer);
  std::visit([&out](const auto& content) { write(out, content); }, record);
  const std::uint64_t hash = record_hash(frame);
  std::memcpy(frame.data() + kHashAt, &hash, sizeof hash);
  return frame;
}

Result<ControlMessage> decode_control(std::string_view frame) {
  BinaryReader in(frame);
  if (in.bytes(kMagic.size()) != kMagic) {
    return malformed("expected a docmill control record (DMCT), found other bytes");
  }
  if (const auto version = in.number<std::uint8_t>(); in.ok() && version != kWireVersion) {
    return malformed(
        fmt::format("expected wire version {}, found {}; run the same docmill on both sides",
                    kWireVersion, version));
  }
  const auto kind = in.number<std::uint8_t>();
  const auto flags = in.number<std::uint16_t>();
  const auto hash = in.number<std::uint64_t>();
  if (!in.ok()) {
    return malformed(fmt::format("expected a whole control record, found {} bytes", frame.size()));
  }
  if (record_hash(frame) != hash) {
    return malformed("the hash of the control record does not match: it was damaged on the way");
  }
  if (flags == 0 && kind == 1) return read_whole<Ack>(in.left());
  if (flags == 0 && kind == 2) return read_whole<Refusal>(in.left());
  if (flags == 0 && kind == 3) return read_whole<Heartbeat>(in.left());
  return malformed(fmt::format("control record kind {}, flags {} is not known to wire version {}",
                               kind, flags, kWireVersion));
}

}  // namespace docmill
