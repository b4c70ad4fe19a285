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
  };
  const std::vector<Parsed> cases = {
      {.name = "out/books.json", .number = 1},
      {.name = "out/books-000001.json", .number = 1},
      {.name = "out/books-000007.json", .number = 7},
      {.name = "out/books-1234567.json", .number = 1234567},
      {.name = "out/books-0000007.json", .number = 0},
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
    CHECK(plain.parse(row.name).value_or(0) == row.number);
  }
}

TEST_CASE("names of another compression are those of another output") {
  const std::vector<Packing> all = {Packing::kNone, Packing::kGzip, Packing::kZstd};
  for (const Packing own : all) {
    const SegmentNames names("out/books.json", false, own);
    for (const Packing other : all) {
      for (const std::uint64_t number : {1, 7}) {
        const std::string name = SegmentNames("out/books.json", false, other).name(number);
        INFO(name);
        CHECK(names.parse(name).value_or(0) == (own == other ? number : 0));
      }
    }
  }
}

}  // namespace
}  // namespace docmill::test
