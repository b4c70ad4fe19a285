#include "sink/incoming_batch.h"

#include "shared/protocol/payload.h"
#include "tests/support/catch.h"

namespace docmill::test {
namespace {

BatchHeader header_of(std::uint32_t documents) {
  BatchHeader header;
  header.processed = true;
  header.lineage = {"p1", 1};
  header.sequence = 7;
  header.documents = documents;
  if (documents > 0) header.share = {{0, documents}};
  header.sinks = {"s1"};
  return header;
}

std::string error_of(const BatchHeader& header, std::string_view payload) {
  std::vector<Frame> message;
  message.push_back(Frame::copy(encode(header, payload)));
  message.push_back(Frame::copy(payload));
  const auto read = read_incoming(message);
  if (!read) return read.error().text;
  const auto whole = expect_outputs(*read, payload);
  return whole ? "" : whole.error().text;
}

TEST_CASE("a batch is taken only when it says of each document what became of it") {
  PayloadWriter out;
  out.document(0, {Format::kJson, "{}", {}});
  out.filtered(1);
  const std::string two = out.take();
  CHECK(error_of(header_of(2), two).empty());
  CHECK(error_of(header_of(3), two) == "batch 7 of p1 does not say what became of its document 2");

  BatchHeader share = header_of(3);
  share.share = {{1, 2}};
  CHECK(error_of(share, two).empty());
}

TEST_CASE("a payload that breaks off is not taken") {
  PayloadWriter out;
  out.document(0, {Format::kJson, "{}", {}});
  const std::string payload = out.take();
  CHECK(error_of(header_of(1), payload.substr(0, payload.size() - 1)) != "");
}

TEST_CASE("what is no batch for a sink is named") {
  BatchHeader unprocessed = header_of(1);
  unprocessed.processed = false;
  CHECK(error_of(unprocessed, "") ==
        "expected a batch that a transformer has worked on, found another message");
  BatchHeader huge = header_of(0);
  huge.documents = 1U << 30;
  CHECK(error_of(huge, "") == "expected at most 65537 documents in a batch, found 1073741824");
  CHECK(read_incoming({}).error().text == "expected two frames, found 0");
}

}  // namespace
}  // namespace docmill::test
