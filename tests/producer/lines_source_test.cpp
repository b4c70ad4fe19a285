#include <sys/fsuid.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <random>

#include "producer/files/line_file.h"
#include "producer/sources/sources.h"
#include "tests/producer/source_fixture.h"

namespace docmill::test {
namespace {

struct LinesFixture : SourceFixture {
  std::string settings() const { return "path: " + path("*.txt"); }
  std::unique_ptr<Source> lines(const std::string& position = "") {
    auto source = open(lines_source(), settings(), position);
    INFO((source ? "" : source.error().text));
    REQUIRE(source.ok());
    return std::move(*source);
  }
  std::string outline_from(const std::string& position) {
    return outline(read_all(*lines(position)));
  }
};

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
  auto reader = FileReader::open(file, log);
  REQUIRE(reader.ok());
  LineFile lines(std::move(*reader), {}, FormatChoice::kText, limit, buffer);
  std::vector<Seen> all;
  Source::Next next;
  while (true) {
    const Result<bool> more = lines.next(next);
    REQUIRE(more.ok());
    if (!*more) return all;
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
  CHECK(all[2].reason == "larger than limits.document: 8 bytes, at most 4B; raise the limit");
  CHECK(all[4].reason == "larger than limits.document: 5 bytes, at most 4B; raise the limit");
}

TEST_CASE_METHOD(LinesFixture, "from every position the same lines follow") {
  limits.document = Bytes{5};
  write("a.txt", "1\n\n22\r\n333333333\n4");
  write("b.txt", "");
  write("c.txt", "\n\n");
  write("d.txt", "5\n6\n\n\n");
  check_every_position(*this, lines_source(), settings());
}

TEST_CASE_METHOD(LinesFixture, "a file that appears later comes last however its name sorts") {
  write("b.txt", "b1\nb2\n");
  std::vector<std::string> positions;
  CHECK(outline(read_all(*lines(), &positions)) == "^ b1 b2 | $");
  write("a.txt", "a1\n");
  write("c.txt", "c1\n");
  CHECK(outline_from(positions[1]) == "b2 | ^ a1 | c1 | $");
  CHECK(outline_from("") == "b1 b2 | a1 | c1 | ^ $");
  CHECK(catalog.appends == 2);
}

TEST_CASE_METHOD(LinesFixture,
                 "files are durable in the catalog before their first line is given") {
  write("a.txt", "1\n");
  auto source = lines();
  REQUIRE(source->peek()->state == Source::State::kCaughtUp);
  source->take();
  CHECK(catalog.rows().empty());
  REQUIRE(source->peek()->state == Source::State::kDocument);
  CHECK(catalog.rows().size() == 1);
}

TEST_CASE_METHOD(LinesFixture, "files that appear while reading are read before the end") {
  write("a.txt", "a1\n");
  auto source = lines();
  REQUIRE(source->peek()->state == Source::State::kCaughtUp);
  source->take();
  REQUIRE(source->peek()->state == Source::State::kDocument);
  source->take();
  write("b.txt", "b1\n");
  CHECK(outline(read_all(*source)) == "| b1 | $");
}

TEST_CASE_METHOD(LinesFixture, "a file is read to the size it had, and a change is said") {
  write("a.txt", "1\n2\n");
  std::vector<std::string> positions;
  read_all(*lines(), &positions);
  write("a.txt", "1\n3\n4\n");
  CHECK(outline_from(positions[0]) == "1 3 | ^ $");
  CHECK(log.lines ==
        std::vector<std::string>{
            path("a.txt") + ": changed since it was first read (4 bytes then, 6 now); records that "
                            "were delivered and differ now become dead letters"});
}

TEST_CASE_METHOD(LinesFixture, "a file of the same size that was written to or replaced is said") {
  write("a.txt", "1\n");
  read_all(*lines());
  std::filesystem::last_write_time(path("a.txt"), std::filesystem::file_time_type{});
  read_all(*lines());
  write("b.tmp", "2\n");
  std::filesystem::rename(path("b.tmp"), path("a.txt"));
  read_all(*lines());
  const std::string end = "; records that were delivered and differ now become dead letters";
  const std::string begin = path("a.txt") + ": changed since it was first read ";
  CHECK(log.lines ==
        std::vector<std::string>{begin + "(written to since, 2 bytes then and now)" + end,
                                 begin + "(another file of 2 bytes now)" + end});
}

TEST_CASE_METHOD(LinesFixture, "a file that vanished is one dead letter and a boundary") {
  write("a.txt", "1\n2\n");
  write("b.txt", "3\n");
  std::vector<std::string> positions;
  read_all(*lines(), &positions);
  std::filesystem::remove(path("a.txt"));
  const std::vector<Seen> all = read_all(*lines(positions[1]));
  CHECK(outline(all) == "! | 3 | ^ $");
  CHECK(all[0].reason == path("a.txt") +
                             ": gone since it was first seen; put it back under the same name, or "
                             "start over with --fresh");
  CHECK(all[0].record == 2);
  CHECK(all[0].source == path("a.txt"));
  check_every_position(*this, lines_source(), settings());
}

TEST_CASE_METHOD(LinesFixture, "a file that was read to its end may be cleared away") {
  write("a.txt", "1\n2\n\n");
  write("b.txt", "3\n");
  std::vector<std::string> positions;
  read_all(*lines(), &positions);
  std::filesystem::remove(path("a.txt"));
  CHECK(outline_from(positions[2]) == "| 3 | ^ $");
}

TEST_CASE_METHOD(LinesFixture, "what took the place of a file is a dead letter that says so") {
  write("a.txt", "1\n");
  write("b.txt", "2\n");
  read_all(*lines());
  std::filesystem::remove(path("a.txt"));
  std::filesystem::create_directory(path("a.txt"));
  std::filesystem::remove(path("b.txt"));
  REQUIRE(mkfifo(path("b.txt").c_str(), 0600) == 0);
  const std::vector<Seen> all = read_all(*lines());
  CHECK(outline(all) == "! | ! | ^ $");
  CHECK(all[0].reason ==
        path("a.txt") +
            ": is a directory; make it readable, and give it a new name to have it read");
  CHECK(all[2].reason == path("b.txt") +
                             ": not a file any more; put the file back under the same name, or "
                             "start over with --fresh");
}

TEST_CASE_METHOD(LinesFixture, "a file that may not be read is a dead letter that says so") {
  write("a.txt", "1\n");
  write("b.txt", "2\n");
  std::filesystem::permissions(folder, std::filesystem::perms::all);
  std::filesystem::permissions(path("a.txt"), std::filesystem::perms::none);
  setfsuid(geteuid() == 0 ? 65534 : geteuid());
  const std::vector<Seen> all = read_all(*lines());
  setfsuid(geteuid());
  CHECK(outline(all) == "^ ! | 2 | $");
  CHECK(all[1].reason ==
        path("a.txt") +
            ": permission denied; make it readable, and give it a new name to have it read");
}

TEST_CASE_METHOD(LinesFixture, "a file without lines is said and has its boundary") {
  write("a.txt", "\n\n");
  CHECK(outline(read_all(*lines())) == "^ | $");
  CHECK(log.lines == std::vector<std::string>{path("a.txt") + ": holds no line"});
}

TEST_CASE_METHOD(LinesFixture, "a path that matches nothing at the first start is refused") {
  auto source = open(lines_source(), settings());
  REQUIRE_FALSE(source.ok());
  CHECK(source.error() ==
        config_error("producer.source.lines.path: " + path("*.txt") +
                     " matches no file; give a path that exists, or put the first file there "
                     "before the start"));
  source = open(lines_source(), "no such file");
  REQUIRE_FALSE(source.ok());
  CHECK(source.error().text ==
        "producer.source.lines.path: no such file matches no file (seen from " +
            std::filesystem::current_path().string() +
            "); give a path that exists, or put the first file there before the start");
}

TEST_CASE_METHOD(LinesFixture, "all files gone at a later start is no reason to refuse it") {
  write("a.txt", "1\n");
  std::vector<std::string> positions;
  read_all(*lines(), &positions);
  std::filesystem::remove(path("a.txt"));
  CHECK(outline_from(positions.back()) == "^ $");
}

TEST_CASE_METHOD(LinesFixture,
                 "a path is a file, a folder or a pattern, with the producer's name") {
  write("p1-b.txt", "b\n");
  write("p1-a.txt", "a\n");
  write("p2-a.txt", "x\n");
  write("odd[1].txt", "o\n");
  write(".hidden.txt", "h\n");
  std::filesystem::create_directory(path("folder.txt"));
  struct Case {
    std::string path;
    std::string outline;
  };
  const std::vector<Case> cases = {
      {.path = path("{producer}-*.txt"), .outline = "^ a | b | $"},
      {.path = path("p1-[ab].txt"), .outline = "^ a | b | $"},
      {.path = path("odd[1].txt"), .outline = "^ o | $"},
      {.path = path(".hidden.txt"), .outline = "^ h | $"},
      {.path = path(""), .outline = "^ o | a | b | x | $"},
  };
  for (const Case& c : cases) {
    INFO(c.path);
    catalog = {};
    auto source = open(lines_source(), "path: \"" + c.path + "\"");
    REQUIRE(source.ok());
    CHECK(outline(read_all(**source)) == c.outline);
  }
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
  catalog.rows_ = {"upto 1 7"};
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
  const auto begin = std::chrono::steady_clock::now();
  std::size_t count = 0;
  while (true) {
    const auto next = source->peek();
    if (next->state == Source::State::kEnded) break;
    count += next->state == Source::State::kDocument ? 1 : 0;
    source->take();
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  WARN(static_cast<double>(count) / took.count() / 1e6 << " million lines of 350 B a second");
}

}  // namespace
}  // namespace docmill::test
