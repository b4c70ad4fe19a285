#include "shared/protocol/payload.h"

#include <algorithm>

#include "tests/protocol/codec_samples.h"
#include "tests/support/catch.h"

namespace docmill {
namespace {

struct Seen {
  EntryKind kind;
  std::uint32_t index;
  Format format;
  std::string bytes;
  std::string reason;
  std::string notes;
  std::string source;
  std::uint64_t record;
  std::uint64_t offset;
  std::uint64_t line;
  bool operator==(const Seen&) const = default;
};

Result<std::vector<Seen>> read_all(std::string_view payload) {
  PayloadReader reader(payload);
  std::vector<Seen> seen;
  Entry entry;
  while (true) {
    const auto more = reader.next(entry);
    if (!more) return more.error();
    if (!*more) return seen;
    const Origin& origin = entry.document.origin;
    seen.push_back({entry.kind, entry.index, entry.document.format,
                    std::string(entry.document.bytes), std::string(entry.reason),
                    std::string(entry.document.notes), std::string(origin.source), origin.record,
                    origin.offset, origin.line});
  }
}

TEST_CASE("the entries of a payload come out as they went in, in order") {
  const auto seen = read_all(samples::payload());
  REQUIRE(seen);
  CHECK(*seen ==
        std::vector<Seen>{{EntryKind::kDocument, 0, Format::kXml, "<a/>", "", R"("loss":"order")",
                           "books.xml", 7, 1234, 56},
                          {EntryKind::kDead, 1, Format::kXml, "<b>", "to_json: not well-formed",
                           R"("loss":"order")", "books.xml", 7, 1234, 56},
                          {EntryKind::kFiltered, 2, Format::kBytes, "", "", "", "", 0, 0, 0},
                          {EntryKind::kDocument, 3, Format::kJson, "{}", "", R"("loss":"order")",
                           "more.xml", 7, 1234, 56}});
}

TEST_CASE("a payload without entries is whole") {
  const auto seen = read_all("");
  REQUIRE(seen);
  CHECK(seen->empty());
}

TEST_CASE("a document is written in place, and one that is taken back leaves no trace") {
  PayloadWriter out;
  const PayloadWriter::Mark before = out.mark();
  out.begin_document(0, Format::kJson, {.source = "b"}) += "{\"half\":";
  out.rewind(before);
  std::string& bytes = out.begin_document(1, Format::kJson, {.source = "a"});
  bytes += "{}";
  bytes += "\n";
  out.end_document();
  CHECK(out.size() > 0);
  const auto seen = read_all(out.take());
  REQUIRE(seen);
  CHECK(*seen ==
        std::vector<Seen>{{EntryKind::kDocument, 1, Format::kJson, "{}\n", "", "", "a", 0, 0, 0}});
}

TEST_CASE("a payload that was taken leaves a writer that knows no source") {
  PayloadWriter out;
  out.document(0, samples::document("<a/>"));
  const std::string first = out.take();
  CHECK(out.size() == 0);
  out.document(0, samples::document("<a/>"));
  CHECK(out.take() == first);
}

TEST_CASE("the name of a source is written once") {
  PayloadWriter out;
  out.document(0, samples::document("<a/>"));
  const std::size_t one = out.size();
  out.document(1, samples::document("<a/>"));
  CHECK(out.size() - one ==
        44 + samples::document("<a/>").bytes.size() + samples::document("").notes.size());
}

TEST_CASE("many sources keep their names") {
  PayloadWriter out;
  for (std::uint32_t i = 0; i < 300; ++i) {
    const std::string name = "file" + std::to_string(i % 150);
    out.document(i, {.format = Format::kText, .bytes = name, .origin = {.source = name}});
  }
  const auto seen = read_all(out.take());
  REQUIRE(seen);
  REQUIRE(seen->size() == 300);
  for (const Seen& entry : *seen) CHECK(entry.source == entry.bytes);
}

TEST_CASE("a payload cut short anywhere but between entries is damaged, and where is said") {
  const std::string payload = samples::payload();
  // The entries are 44 bytes and what they hold: two sources' names with the documents after them,
  // and the nameless source of the filtered one.
  const std::vector<std::size_t> ends = {0, 53, 115, 200, 244, 288, 340, 400};
  REQUIRE(ends.back() == payload.size());
  std::size_t begin = 0;
  for (std::size_t size = 0; size <= payload.size(); ++size) {
    INFO(size << " bytes");
    const auto seen = read_all(std::string_view(payload).substr(0, size));
    if (std::find(ends.begin(), ends.end(), size) != ends.end()) {
      begin = size;
      REQUIRE(seen);
    } else {
      REQUIRE_FALSE(seen);
      REQUIRE(seen.error() == malformed("the payload is damaged " + std::to_string(size - begin) +
                                        " bytes before its end"));
    }
  }
}

TEST_CASE("an entry of an unknown kind, format or source is damage") {
  struct Case {
    std::size_t at;
    char value;
  };
  const std::string payload = samples::payload();
  const std::vector<Case> cases = {
      {.at = 53, .value = 0},  // kind
      {.at = 53, .value = 5},
      {.at = 54, .value = 4},  // format
      {.at = 55, .value = 1},  // source: the second one comes later
  };
  for (const Case& c : cases) {
    INFO("byte " << c.at);
    std::string damaged = payload;
    damaged[c.at] = c.value;
    const auto seen = read_all(damaged);
    REQUIRE_FALSE(seen);
    CHECK(seen.error() == malformed("the payload is damaged 347 bytes before its end"));
  }
}

}  // namespace
}  // namespace docmill
