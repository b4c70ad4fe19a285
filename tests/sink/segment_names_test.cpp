#include "sink/segments/segment_names.h"

#include "tests/support/catch.h"

namespace docmill::test {
namespace {

TEST_CASE("segments are numbered before their extension, and the numbers are read back") {
  const SegmentNames plain("out/books.json", false, Packing::kNone);
  CHECK(plain.name(1) == "out/books.json");
  CHECK(plain.name(2) == "out/books-000002.json");
  CHECK(plain.name(1234567) == "out/books-1234567.json");
  const SegmentNames packed("out.d/books.json.gz", true, Packing::kGzip);
  CHECK(packed.name(1) == "out.d/books-000001.json.gz");
  CHECK(SegmentNames("out.d/.books", true, Packing::kZstd).name(1) == "out.d/.books-000001.zst");
  CHECK(SegmentNames("books", true, Packing::kNone).name(1) == "books-000001");

  struct Parsed {
    std::string name;
    std::uint64_t number;  // 0: no segment
    Packing packing = Packing::kNone;
  };
  const std::vector<Parsed> cases = {
      {.name = "out/books.json", .number = 1},
      {.name = "out/books-000007.json", .number = 7},
      {.name = "out/books-000007.json.gz", .number = 7, .packing = Packing::kGzip},
      {.name = "out/books-1234567.json.zst", .number = 1234567, .packing = Packing::kZstd},
      {.name = "out/books-7.json", .number = 0},
      {.name = "out/books-2024.json", .number = 0},
      {.name = "out/books-000000.json", .number = 0},
      {.name = "out/books-00000a.json", .number = 0},
      {.name = "out/books+000001.json", .number = 0},
      {.name = "out/books-000001.xml", .number = 0},
      {.name = "out/bookshop.json", .number = 0},
      {.name = "out/b.json", .number = 0},
      {.name = "", .number = 0},
  };
  for (const Parsed& row : cases) {
    INFO(row.name);
    const auto found = plain.parse(row.name);
    CHECK(found.has_value() == (row.number > 0));
    if (!found) continue;
    CHECK(found->number == row.number);
    CHECK(found->packing == row.packing);
  }
}

}  // namespace
}  // namespace docmill::test
