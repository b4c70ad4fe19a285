// `files` and `lines` with `when_done`: when a file leaves its folder, and which one stays.
#include "producer/files/done_files.h"

#include <fmt/format.h>

#include "tests/producer/done_fixture.h"

namespace docmill::test {
namespace {

// The first rewrites succeed, then the producer is killed.
class KilledCatalog final : public SourceCatalog {
 public:
  explicit KilledCatalog(int rewrites) : left_(rewrites) {}
  const SourceRows& rows() const override { return rows_; }
  Result<void> append(const std::vector<std::string>& rows) override {
    append_rows(rows_, rows);
    return {};
  }
  Result<void> rewrite(const SourceRows& texts) override {
    if (left_-- == 0) return corrupt("killed");
    rewrite_rows(rows_, texts, forgotten_);
    return {};
  }

 private:
  int left_;
  SourceRows rows_;
  std::optional<std::uint64_t> forgotten_;
};

TEST_CASE_METHOD(DoneFixture, "a file leaves when all of it is settled, and not before") {
  write("in/a.txt", "1\n2\n");
  write("in/b.txt", "3\n");
  auto source = open(lines_source(), settings(move()));
  REQUIRE(source.ok());
  CHECK(names("done").empty());
  std::vector<std::string> positions;
  CHECK(outline(read_all(**source, &positions)) == "^ 1 2 | 3 | $");
  settle(**source, positions[1]);
  settle(**source, positions[2]);
  CHECK(names("in") == "a.txt b.txt");
  settle(**source, positions[3]);
  CHECK(names("in") == "b.txt");
  CHECK(names("done") == "a.txt");
  settle(**source, positions[5]);
  CHECK(names("in").empty());
  CHECK(names("done") == "a.txt b.txt");
  CHECK(content("done/b.txt") == "3\n");
  CHECK(log.lines.empty());
  CHECK(catalog.rows() == SourceRows{{1, ""}});
}

TEST_CASE_METHOD(DoneFixture, "files are deleted where the settings say so") {
  write("in/a.txt", "a");
  auto source = files("when_done: delete");
  read_all(*source);
  settle(*source, source->position());
  CHECK(names("in").empty());
  CHECK(catalog.rows() == SourceRows{{0, ""}});
}

TEST_CASE_METHOD(DoneFixture,
                 "a name that comes again is read, and no file takes another's place") {
  std::string position;
  for (const char* text : {"first", "second", "third"}) {
    write("in/a.txt", text);
    auto source = files(move(), position);
    settle(*source, position);
    CHECK(outline(read_all(*source)) == fmt::format("^ {} $", text));
    position = source->position();
    settle(*source, position);
  }
  CHECK(position == "files 1 3 0 0 0");
  CHECK(names("done") == "a-2.txt a-3.txt a.txt");
  CHECK(content("done/a.txt") == "first");
  CHECK(content("done/a-3.txt") == "third");
  CHECK(catalog.rows() == SourceRows{{2, ""}});
  // What was settled is not read again, and numbers go on.
  auto source = files(move(), position);
  CHECK(outline(read_all(*source)) == "^ $");
}

TEST_CASE_METHOD(DoneFixture, "a watched file leaves while others come, a few at once") {
  auto source = files("watch: true, " + move());
  const auto now = [&] {
    REQUIRE(source->serve().ok());
    return outline(read_all(*source));
  };
  write("in/a.txt", "1");
  CHECK(now() == "^ 1 ~");
  settle(*source, source->position());
  CHECK(names("done") == "a.txt");
  write("in/a.txt", "2");
  write("in/b.txt", "3");
  CHECK(now() == "2 3 ~");
  const int rewrites = catalog.rewrites;
  settle(*source, "files 1 2 0 0 0");
  settle(*source, "files 1 3 0 0 0");
  CHECK(names("in") == "a.txt b.txt");
  clock.time += std::chrono::seconds(1);
  CHECK(now() == "~");
  CHECK(names("in").empty());
  CHECK(names("done") == "a-2.txt a.txt b.txt");
  CHECK(catalog.rewrites == rewrites + 2);
}

TEST_CASE_METHOD(DoneFixture, "what waits when the source ends leaves before it says so") {
  write("in/a.txt", "1");
  write("in/b.txt", "2");
  auto source = files(move());
  for (int step = 0; step < 3; ++step) {
    REQUIRE(source->peek().ok());
    source->take();
    settle(*source, source->position());
  }
  CHECK(names("in") == "b.txt");
  CHECK(source->peek()->state == Source::State::kEnded);
  CHECK(names("in").empty());
}

TEST_CASE_METHOD(DoneFixture, "a file that was replaced or has grown stays, and is said") {
  for (const char* name : {"in/a.txt", "in/b.txt", "in/c.txt"}) write(name, "old\n");
  auto source = files(move());
  read_all(*source);
  write("in/a.txt", "old\nand more\n");
  write("in/new", "new\n");
  std::filesystem::rename(path("in/new"), path("in/b.txt"));
  settle(*source, source->position());
  CHECK(names("in") == "a.txt b.txt");
  CHECK(names("done") == "c.txt");
  const std::vector<std::string> said = {
      path("in/a.txt") +
          ": changed since it was read (4 bytes then, 13 now); it stays, and is not "
          "read again before --fresh",
      path("in/b.txt") +
          ": changed since it was read (4 bytes then, 4 now); it stays, and is not "
          "read again before --fresh"};
  CHECK(log.lines == said);
  // The next run says the same, and reads neither.
  auto again = files(move(), source->position());
  settle(*again, source->position());
  CHECK(outline(read_all(*again)) == "^ $");
  CHECK(log.lines.size() == 4);
  CHECK(names("in") == "a.txt b.txt");
}

TEST_CASE_METHOD(DoneFixture, "where it is watched, a file that has changed is another file") {
  auto source = files("watch: true, when_done: delete");
  write("in/a.txt", "old");
  REQUIRE(source->serve().ok());
  CHECK(outline(read_all(*source)) == "^ old ~");
  write("in/a.txt", "newer");
  settle(*source, source->position());
  CHECK(names("in") == "a.txt");
  CHECK(log.lines == std::vector<std::string>{
                         path("in/a.txt") + ": changed since it was read (3 bytes then, 5 now); it "
                                            "stays and is read as another file"});
  REQUIRE(source->serve().ok());
  CHECK(outline(read_all(*source)) == "newer ~");
  clock.time += std::chrono::seconds(1);
  settle(*source, source->position());
  CHECK(names("in").empty());
}

TEST_CASE_METHOD(DoneFixture,
                 "a producer that is killed at any step does the rest when it starts") {
  struct Case {
    std::string when_done;
    int rewrites;  // before it is killed
    std::string left;
    std::string done;
  };
  const std::vector<Case> cases = {
      {.when_done = move(), .rewrites = 0, .left = "a.txt b.txt", .done = ""},
      {.when_done = move(), .rewrites = 1, .left = "", .done = "a.txt b.txt"},
      {.when_done = "when_done: delete", .rewrites = 0, .left = "a.txt b.txt", .done = ""},
      {.when_done = "when_done: delete", .rewrites = 1, .left = "", .done = ""},
  };
  std::filesystem::create_directory(path("done"));
  for (const Case& c : cases) {
    INFO(c.when_done << " after " << c.rewrites);
    KilledCatalog first(c.rewrites);
    write("in/a.txt", "a");
    write("in/b.txt", "b");
    auto source = open_on(first, settings(c.when_done));
    CHECK(outline(read_all(**source)) == "^ a b $");
    const std::string position = (*source)->position();
    const auto killed = (*source)->settled(position);
    REQUIRE_FALSE(killed.ok());
    CHECK(killed.error() == corrupt("producer.source.files.when_done: killed"));
    CHECK(names("in") == c.left);
    CHECK(names("done") == c.done);

    KilledCatalog next(2);
    for (const auto& [number, row] : first.rows()) REQUIRE(next.append({row}).ok());
    // Put there between the two runs: not the file that was read.
    if (c.left.empty()) write("in/a.txt", "another");
    source = open_on(next, settings(c.when_done), position);
    settle(**source, position);
    CHECK(outline(read_all(**source)) == (c.left.empty() ? "^ another $" : "^ $"));
    CHECK(names("in") == (c.left.empty() ? "a.txt" : ""));
    CHECK(names("done") == (c.when_done == move() ? "a.txt b.txt" : ""));
    CHECK(log.lines.empty());
    for (const char* used : {"in", "done"}) {
      std::filesystem::remove_all(path(used));
      std::filesystem::create_directory(path(used));
    }
  }
}

TEST_CASE_METHOD(DoneFixture, "a file that was marked and written to before it left stays") {
  struct Case {
    std::string mark;  // of the row
    std::string born;
    std::string read;
    std::string left;
  };
  const std::vector<Case> cases = {
      {.mark = "done 1", .born = "", .read = "^ $", .left = "a.txt"},
      // It was made at another time: it came when the marked one had left.
      {.mark = "done 3", .born = "12345 ", .read = "^ old+new $", .left = "a.txt"},
  };
  for (const Case& c : cases) {
    INFO(c.mark);
    write("in/a.txt", "old");
    KilledCatalog first(0);
    auto source = open_on(first, settings("format: text"));
    read_all(**source);
    const std::string position = (*source)->position();
    std::string row = first.rows().begin()->second;
    row.replace(0, 6, c.mark);
    row.insert(row.find(path("in")), c.born);
    KilledCatalog next(9);
    REQUIRE(next.append({row}).ok());
    std::ofstream(path("in/a.txt"), std::ios::app) << "+new";
    source = open_on(next, settings("format: text, when_done: delete"), position);
    settle(**source, position);
    CHECK(outline(read_all(**source)) == c.read);
    CHECK(names("in") == c.left);
    CHECK(log.lines.size() == (c.born.empty() ? 1 : 0));
    log.lines.clear();
    std::filesystem::remove(path("in/a.txt"));
  }
}

TEST_CASE_METHOD(DoneFixture, "a file leaves under another spelling of its path, too") {
  write("in/a.txt", "1");
  auto source = files("format: text");
  read_all(*source);
  const std::string position = source->position();
  auto again =
      open(files_source(), "{path: '" + path("./in//") + "*.txt', when_done: delete}", position);
  REQUIRE(again.ok());
  settle(**again, position);
  CHECK(names("in").empty());
}

}  // namespace
}  // namespace docmill::test
