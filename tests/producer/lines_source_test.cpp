#include <fmt/format.h>

#include <ctime>
#include <random>

#include "producer/files/line_file.h"
#include "producer/sources/sources.h"
#include "tests/producer/source_fixture.h"

namespace docmill::test {
namespace {

TEST_CASE_METHOD(LinesFixture, "each line is a document with its record, offset and line") {
  write("a.txt", "one\r\n\n\n{\"n\":2}\n<c/>");
  write("b.txt", "last\n");
  const std::string a = path("a.txt");
  const std::vector<Seen> all = read_all(*lines());
  REQUIRE(all.size() == 8);
  CHECK(outline(all) == "^ one {\"n\":2} <c/> | last | $");
  using State = Source::State;
  CHECK(all[1] == Seen{State::kDocument, "one", "", a, 1, 0, 1, Format::kText});
  CHECK(all[2] == Seen{State::kDocument, "{\"n\":2}", "", a, 2, 7, 4, Format::kJson});
  CHECK(all[3] == Seen{State::kDocument, "<c/>", "", a, 3, 15, 5, Format::kXml});
}

TEST_CASE_METHOD(LinesFixture, "a format that is given is not guessed") {
  write("a.txt", "12\n");
  auto source = open(lines_source(), settings() + "\nformat: json");
  REQUIRE(source.ok());
  CHECK(read_all(**source)[1].format == Format::kJson);
}

TEST_CASE_METHOD(LinesFixture, "any bytes but the line break are passed as they are") {
  using namespace std::string_view_literals;
  write("a.txt", "\xff\0\x80\rx\r\n"sv);
  CHECK(read_all(*lines())[1].bytes == "\xff\0\x80\rx"sv);
}

// What a LineFile gives with a buffer of that size.
std::vector<Seen> lines_of(const KnownFile& file, Log& log, Bytes limit, std::size_t buffer) {
  InputFolders folders(file.path);
  auto reader = FileReader::open(file, folders, log);
  REQUIRE(reader.ok());
  LineFile lines(std::move(*reader), {}, FormatChoice::kText, limit, buffer);
  std::vector<Seen> all;
  Source::Next next;
  while (true) {
    const Result<FileStep> step = lines.next(next);
    REQUIRE(step.ok());
    if (*step == FileStep::kBusy) continue;
    if (*step == FileStep::kEnd) return all;
    all.push_back(seen(next));
  }
}

TEST_CASE_METHOD(LinesFixture, "the size of the buffer does not show in what is read") {
  const unsigned seed = std::random_device{}();
  INFO("seed " << seed);
  std::mt19937 random(seed);
  for (int round = 0; round < 200; ++round) {
    std::string text;
    for (auto i = random() % 60; i > 0; --i) text += "ab\n\r\n"[random() % 5];
    write("a.txt", text);
    const KnownFile file{.path = path("a.txt"), .size = text.size()};
    const Bytes limit{1 + random() % 6};
    INFO("limit " << limit.count);
    const std::vector<Seen> expected = lines_of(file, log, limit, LineFile::kBuffer);
    for (const std::size_t buffer : {1U, 2U, 3U, 7U, 16U}) {
      CHECK(lines_of(file, log, limit, buffer) == expected);
    }
  }
}

TEST_CASE_METHOD(LinesFixture, "a line above the limit is a dead letter and the rest goes on") {
  limits.document = Bytes{4};
  write("a.txt", "1234\n12345678\n1234\r\n12345");
  const std::vector<Seen> all = read_all(*lines());
  CHECK(outline(all) == "^ 1234 ! 1234 ! | $");
  CHECK(all[2].bytes == "1234");
  CHECK(all[2].reason == oversize("12345678", 5, limits.document));
  CHECK(all[4].reason == oversize("12345", 20, limits.document));
  CHECK(
      all[4].reason ==
      fmt::format("larger than limits.document: 5 bytes, at most 4B; raise the limit; this is its "
                  "first 4 bytes; all of it is bytes 20 to 25 of the source, xxh3 {:016x}",
                  hash64("12345")));
}

TEST_CASE_METHOD(LinesFixture, "from every position the same lines follow") {
  limits.document = Bytes{5};
  write("a.txt", "1\n\n22\r\n333333333\n4");
  write("b.txt", "");
  write("c.txt", "\n\n");
  write("d.txt", "5\n6\n\n\n");
  check_every_position(*this, lines_source(), settings());
}

TEST_CASE_METHOD(LinesFixture, "a position or a row of something else is refused") {
  write("a.txt", "1\n");
  const std::string cure =
      "; use the version and the source that wrote it, or start over with --fresh";
  struct Case {
    std::string position;
    std::string text;
  };
  const std::vector<Case> cases = {
      {.position = "generate 1 7",
       .text = "expected the position of a 'lines' source, found 'generate 1 7'" + cure},
      {.position = "lines 2 0 0 0 0",
       .text = "expected the position of a 'lines' source, found 'lines 2 0 0 0 0'" + cure},
      {.position = "lines 1 0 0 0",
       .text = "expected the position of a 'lines' source, found 'lines 1 0 0 0'" + cure},
      {.position = "lines 1 0 0 0 x",
       .text = "expected the position of a 'lines' source, found 'lines 1 0 0 0 x'" + cure},
      {.position = "lines 1 3 0 0 0",
       .text = "the position 'lines 1 3 0 0 0' is in file 4, but only 0 were seen; restore all of "
               "the state folder, or start over with --fresh"},
  };
  for (const Case& c : cases) {
    auto source = open(lines_source(), settings(), c.position);
    REQUIRE_FALSE(source.ok());
    CHECK(source.error() == corrupt("producer.source.lines: " + c.text));
  }
  catalog.rows_ = {{0, "upto 1 7"}};
  auto source = open(lines_source(), settings());
  REQUIRE_FALSE(source.ok());
  CHECK(source.error() ==
        corrupt("producer.source.lines: the list of files seen has the row 'upto 1 7', which this "
                "version does not understand; use the version that wrote it, or start over with "
                "--fresh"));
}

TEST_CASE_METHOD(LinesFixture, "lines are read at speed", "[.][bench]") {
  std::string text;
  for (int i = 0; i < 1'000'000; ++i) text += std::string(350, 'x') + '\n';
  write("a.txt", text);
  auto source = lines();
  const std::clock_t begin = std::clock();
  std::size_t count = 0;
  while (true) {
    const auto next = source->peek();
    if (next->state == Source::State::kEnded) break;
    count += next->state == Source::State::kDocument ? 1 : 0;
    source->take();
  }
  const double seconds = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
  WARN(static_cast<double>(count) / seconds / 1e6 << " million lines of 350 B per CPU second");
}

}  // namespace
}  // namespace docmill::test
