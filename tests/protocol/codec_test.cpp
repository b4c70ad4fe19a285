// The two frames of a message and the control records: what goes in comes out, and nothing that was
// cut, changed or made up does.
#include <cstring>

#include "shared/base/hash.h"
#include "tests/protocol/codec_samples.h"
#include "tests/support/catch.h"

namespace docmill {
namespace {

// Makes a changed frame whole again, so that what stands behind the hash is looked at.
std::string with_header_hash(std::string frame, std::string_view payload) {
  std::memset(frame.data() + 8, 0, 8);
  const std::uint64_t hash = hash64(frame, hash64(payload));
  std::memcpy(frame.data() + 8, &hash, 8);
  return frame;
}

std::string with_control_hash(std::string frame) {
  const std::uint64_t hash =
      hash64(std::string_view(frame).substr(16), hash64(std::string_view(frame).substr(0, 8)));
  std::memcpy(frame.data() + 8, &hash, 8);
  return frame;
}

std::string changed(std::string_view frame, std::size_t at, char value) {
  std::string copy(frame);
  copy.at(at) = value;
  return copy;
}

TEST_CASE("a header comes out as it went in") {
  const std::string payload = samples::payload();
  std::vector<BatchHeader> headers = {samples::header(), samples::header(), samples::header(), {}};
  headers[1].condemned = true;
  headers[1].processed = false;
  headers[1].voids = true;
  headers[2].kind = MessageKind::kDefinition;
  headers[2].sinks.assign(255, std::string(255, 's'));
  headers[2].ledgers.assign(255, {7, 8, 9, 10});
  headers[2].lineage.producer = std::string(255, 'p');
  headers[3].kind = MessageKind::kEnd;
  for (const BatchHeader& header : headers) {
    const auto decoded = decode_header(encode(header, payload), payload);
    REQUIRE(decoded);
    CHECK(*decoded == header);
  }
}

TEST_CASE("a control record comes out as it went in") {
  std::vector<ControlRecord> records = samples::controls();
  records.emplace_back(Ack{});
  records.emplace_back(Refusal{});
  records.emplace_back(Heartbeat{});
  for (const ControlRecord& record : records) {
    INFO("record " << record.index());
    const auto decoded = decode_control(encode(record, samples::addressee()));
    REQUIRE(decoded);
    CHECK(decoded->record == record);
    CHECK(decoded->to == samples::addressee());
  }
}

TEST_CASE("a header with any bit of the two frames turned over is refused") {
  const std::string payload = samples::payload();
  const std::string frame = encode(samples::header(), payload);
  for (std::size_t bit = 0; bit < frame.size() * 8; ++bit) {
    std::string damaged = frame;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
    INFO("bit " << bit);
    REQUIRE_FALSE(decode_header(damaged, payload));
  }
  for (std::size_t bit = 0; bit < payload.size() * 8; ++bit) {
    std::string damaged = payload;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
    INFO("bit " << bit << " of the payload");
    REQUIRE_FALSE(decode_header(frame, damaged));
  }
}

TEST_CASE("a control record with any bit turned over is refused") {
  for (const ControlRecord& record : samples::controls()) {
    const std::string frame = encode(record, samples::addressee());
    for (std::size_t bit = 0; bit < frame.size() * 8; ++bit) {
      std::string damaged = frame;
      damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
      INFO("record " << record.index() << " bit " << bit);
      REQUIRE_FALSE(decode_control(damaged));
    }
  }
}

TEST_CASE("a header cut short anywhere, or with a byte more, is refused") {
  const std::string payload = samples::payload();
  const std::string frame = encode(samples::header(), payload);
  for (std::size_t size = 0; size < frame.size(); ++size) {
    INFO(size << " bytes");
    const std::string cut = frame.substr(0, size);
    REQUIRE_FALSE(decode_header(cut, payload));
    if (size >= 16) REQUIRE_FALSE(decode_header(with_header_hash(cut, payload), payload));
  }
  CHECK_FALSE(decode_header(with_header_hash(frame + '\0', payload), payload));
  for (std::size_t size = 0; size < payload.size(); ++size) {
    REQUIRE_FALSE(decode_header(frame, payload.substr(0, size)));
  }
}

TEST_CASE("a control record cut short anywhere, or with a byte more, is refused") {
  for (const ControlRecord& record : samples::controls()) {
    const std::string frame = encode(record, samples::addressee());
    for (std::size_t size = 0; size < frame.size(); ++size) {
      INFO("record " << record.index() << ", " << size << " bytes");
      const std::string cut = frame.substr(0, size);
      REQUIRE_FALSE(decode_control(cut));
      if (size >= 16) REQUIRE_FALSE(decode_control(with_control_hash(cut)));
    }
    CHECK_FALSE(decode_control(with_control_hash(frame + '\0')));
  }
}

TEST_CASE("what is wrong with a header is said") {
  struct Case {
    std::string frame;
    std::string text;
  };
  const std::string frame = encode(samples::header(), "");
  const std::string version_1 = changed(frame, 4, 1);
  std::string overlapping = frame;
  overlapping[frame.size() - 8] = 3;  // the second span begins before the first one ends
  BatchHeader many = samples::header();
  many.documents = kMaxDocuments + 1;
  BatchHeader nobody = samples::header();
  nobody.sinks.clear();
  nobody.ledgers.clear();
  BatchHeader nothing = samples::header();
  nothing.share.clear();
  std::string beyond = frame;
  beyond[frame.size() - 4] = 11;  // of 10 documents
  const std::vector<Case> cases = {
      {.frame = "", .text = "expected a docmill message (DMIL), found other bytes"},
      {.frame = "<a/>", .text = "expected a docmill message (DMIL), found other bytes"},
      {.frame = encode(ControlRecord(samples::ack()), samples::addressee()),
       .text = "expected a docmill message (DMIL), found other bytes"},
      {.frame = version_1,
       .text = "expected wire version 5, found 1; run the same docmill on both sides"},
      {.frame = with_header_hash(version_1, ""),
       .text = "expected wire version 5, found 1; run the same docmill on both sides"},
      {.frame = "DMIL", .text = "expected a whole header, found 4 bytes"},
      {.frame = frame.substr(0, 100), .text = "expected a whole header, found 100 bytes"},
      {.frame = changed(frame, 32, 43),
       .text = "the hash of the frames does not match: they were damaged on the way"},
      {.frame = with_header_hash(changed(frame, 5, 4), ""),
       .text = "message kind 4, flags 6 or its share is not known to wire version 5"},
      {.frame = with_header_hash(changed(frame, 6, 32), ""),
       .text = "message kind 1, flags 32 or its share is not known to wire version 5"},
      // Only what is condemned and keyed is voided.
      {.frame = with_header_hash(changed(frame, 6, 8 + 1), ""),
       .text = "message kind 1, flags 9 or its share is not known to wire version 5"},
      {.frame = with_header_hash(changed(frame, 6, 8 + 4), ""),
       .text = "message kind 1, flags 12 or its share is not known to wire version 5"},
      {.frame = with_header_hash(overlapping, ""),
       .text = "message kind 1, flags 6 or its share is not known to wire version 5"},
      {.frame = encode(many, ""),
       .text = "expected at most 65537 documents in a batch, found 65538"},
      {.frame = encode(nobody, ""),
       .text = "expected a batch with sinks and documents, found 0 sinks and 8 documents"},
      {.frame = encode(nothing, ""),
       .text = "expected a batch with sinks and documents, found 2 sinks and 0 documents"},
      {.frame = with_header_hash(beyond, ""),
       .text = "message kind 1, flags 6 or its share is not known to wire version 5"},
  };
  for (const Case& c : cases) {
    const auto decoded = decode_header(c.frame, "");
    REQUIRE_FALSE(decoded);
    CHECK(decoded.error().text == c.text);
    CHECK(decoded.error().code == ErrorCode::kMalformed);
  }
}

TEST_CASE("what is wrong with a control record is said") {
  struct Case {
    std::string frame;
    std::string text;
  };
  const std::string frame = encode(ControlRecord(samples::refusal()), samples::addressee());
  const std::string heartbeat = encode(ControlRecord(samples::heartbeat()), samples::addressee());
  Ack unsorted = samples::ack();
  unsorted.entries[0].settled = {{0, 4, Outcome::kDelivered}, {3, 5, Outcome::kDead}};
  Ack before_its_life = samples::ack();
  before_its_life.ledger.commit = 2;
  const std::vector<Case> cases = {
      {.frame = "", .text = "expected a docmill control record (DMCT), found other bytes"},
      {.frame = encode(samples::header(), ""),
       .text = "expected a docmill control record (DMCT), found other bytes"},
      {.frame = changed(frame, 4, 9),
       .text = "expected wire version 5, found 9; run the same docmill on both sides"},
      {.frame = frame.substr(0, 12), .text = "expected a whole control record, found 12 bytes"},
      {.frame = changed(frame, 5, 3),
       .text = "the hash of the control record does not match: it was damaged on the way"},
      {.frame = with_control_hash(changed(frame, 5, 4)),
       .text = "control record kind 4, flags 0 is not known to wire version 5"},
      {.frame = with_control_hash(changed(frame, 6, 1)),
       .text = "control record kind 2, flags 1 is not known to wire version 5"},
      {.frame = with_control_hash(frame.substr(0, 40)),
       .text = "expected a whole control record, found 24 bytes"},
      {.frame = encode(ControlRecord(unsorted), samples::addressee()),
       .text = "expected a whole control record, found 139 bytes"},
      {.frame = encode(ControlRecord(before_its_life), samples::addressee()),
       .text = "expected a whole control record, found 139 bytes"},
      {.frame = with_control_hash(changed(heartbeat, heartbeat.size() - 1, 9)),
       .text = "expected a whole control record, found 149 bytes"},
  };
  for (const Case& c : cases) {
    const auto decoded = decode_control(c.frame);
    REQUIRE_FALSE(decoded);
    CHECK(decoded.error().text == c.text);
    CHECK(decoded.error().code == ErrorCode::kMalformed);
  }
}

}  // namespace
}  // namespace docmill
