// What all sources that read files share, shown with `lines`.
#include "producer/files/file_source.h"

#include <sys/fsuid.h>
#include <sys/stat.h>
#include <unistd.h>

#include "producer/sources/sources.h"
#include "tests/producer/source_fixture.h"

namespace docmill::test {
namespace {

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
                             ": gone since it was first seen; to have it read, put it back under "
                             "a new name");
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
                             ": not a file any more; to have the file read, put it back under "
                             "a new name");
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

// The folder that relative paths are relative to.
struct InFolder {
  explicit InFolder(const std::filesystem::path& folder) { std::filesystem::current_path(folder); }
  ~InFolder() { std::filesystem::current_path(before); }
  InFolder(const InFolder&) = delete;
  InFolder& operator=(const InFolder&) = delete;
  const std::filesystem::path before = std::filesystem::current_path();
};

TEST_CASE_METHOD(LinesFixture, "a file is known however its path is spelled") {
  write("a.txt", "1\n2\n");
  const InFolder here(folder);
  const std::string relative = "*.txt";
  const std::vector<std::string> spellings = {path("*.txt"), folder.string() + "/.//*.txt",
                                              folder.string(), relative, "./" + relative};
  for (const std::string& first : spellings) {
    catalog = MemoryCatalog();
    auto source = open(lines_source(), "path: '" + first + "'");
    REQUIRE(source.ok());
    CHECK(outline(read_all(**source)) == "^ 1 2 | $");
    for (const std::string& second : spellings) {
      INFO(first << " and then " << second);
      auto again = open(lines_source(), "path: '" + second + "'", (*source)->position());
      REQUIRE(again.ok());
      CHECK(outline(read_all(**again)) == "^ $");
    }
  }
}

TEST_CASE_METHOD(LinesFixture, "two paths are two files where a link lies between them") {
  std::filesystem::create_directories(path("deep/down"));
  write("deep/a.txt", "deep\n");
  write("a.txt", "top\n");
  std::filesystem::create_directory_symlink("deep/down", path("link"));
  auto top = open(lines_source(), "path: " + path("a.txt"));
  REQUIRE(top.ok());
  CHECK(outline(read_all(**top)) == "^ top | $");
  auto deep = open(lines_source(), "path: " + path("link/../a.txt"), (*top)->position());
  REQUIRE(deep.ok());
  CHECK(outline(read_all(**deep)) == "^ deep | $");
}

}  // namespace
}  // namespace docmill::test
