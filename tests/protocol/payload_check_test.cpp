#include "shared/protocol/payload_check.h"

#include "tests/support/catch.h"

namespace docmill {
namespace {

BatchHeader some_header() {
  BatchHeader header;
  header.lineage = {"p1", 7};
  header.run = {1, 1};
  header.sequence = 3;
  header.attempt = 1;
  header.documents = 1;
  header.share = {{0, 1}};
  header.sinks = {"s1"};
  header.ledgers.resize(1);
  return header;
}

// The parts that it took.
int advance(PayloadCheck& check) {
  int parts = 1;
  while (!check.advance()) ++parts;
  return parts;
}

TEST_CASE("a payload that is hashed in parts gives the header that decode_header() gives") {
  struct Case {
    std::size_t bytes;
    int parts;
  };
  for (const Case& c : {Case{0, 1}, Case{100, 1}, Case{8 << 20, 1}, Case{(8 << 20) + 1, 2},
                        Case{16 << 20, 2}, Case{(20 << 20) + 7, 3}}) {
    CAPTURE(c.bytes);
    const std::string payload(c.bytes, 'x');
    const std::string frame = encode(some_header(), payload);
    PayloadCheck check(frame, payload);
    CHECK(advance(check) == c.parts);
    const auto header = check.header();
    REQUIRE(header.ok());
    CHECK(*header == *decode_header(frame, payload));
  }
}

TEST_CASE("damage in any part of a payload is found") {
  std::string payload(20 << 20, 'x');
  const std::string frame = encode(some_header(), payload);
  for (const std::size_t place : {0, 7 << 20, 9 << 20, (20 << 20) - 1}) {
    CAPTURE(place);
    payload[place] ^= 1;
    PayloadCheck check(frame, payload);
    advance(check);
    CHECK_FALSE(check.header().ok());
    payload[place] ^= 1;
  }
}

}  // namespace
}  // namespace docmill
