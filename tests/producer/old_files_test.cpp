// Watched files that stay where they are: which ones are remembered, and which are the same file.
#include "producer/files/old_files.h"

#include "producer/files/file_search.h"
#include "tests/producer/done_fixture.h"

namespace docmill::test {
namespace {

struct OldFixture : DoneFixture {
  void begin() { source = files("watch: true, format: text"); }
  std::string look(Duration later = std::chrono::seconds(20)) {
    clock.time += later;
    REQUIRE(source->serve().ok());
    const std::string seen = outline(read_all(*source));
    settle(*source, source->position());
    return seen;
  }
  // "0 2": the numbers of the files that are remembered.
  std::string remembered() const {
    std::string numbers;
    for (const auto& [number, row] : catalog.rows()) {
      if (!row.empty()) numbers += (numbers.empty() ? "" : " ") + std::to_string(number);
    }
    return numbers;
  }

  std::unique_ptr<Source> source;
};

TEST_CASE_METHOD(OldFixture, "a file that somebody took away is forgotten after a minute") {
  write("in/a.txt", "1");
  write("in/b.txt", "2");
  begin();
  CHECK(look() == "^ 1 2 ~");
  std::filesystem::remove(path("in/a.txt"));
  for (int looks = 0; looks < 3; ++looks) {
    CHECK(look() == "~");
    CHECK(remembered() == "0 1");
  }
  CHECK(look() == "~");
  CHECK(remembered() == "1");
  write("in/a.txt", "3");
  CHECK(look() == "3 ~");
  const std::string position = source->position();
  source = files("watch: true, format: text", position);
  CHECK(look() == "^ ~");
  CHECK(remembered() == "1 2");
}

TEST_CASE_METHOD(OldFixture, "a file that is not settled is not forgotten") {
  write("in/a.txt", "1");
  begin();
  REQUIRE(source->serve().ok());
  CHECK(outline(read_all(*source)) == "^ 1 ~");
  std::filesystem::remove(path("in/a.txt"));
  for (int looks = 0; looks < 10; ++looks) {
    clock.time += std::chrono::seconds(20);
    REQUIRE(source->serve().ok());
  }
  CHECK(remembered() == "0");
}

TEST_CASE_METHOD(OldFixture, "only the last file of a name is remembered") {
  begin();
  CHECK(look() == "^ ~");
  for (int round = 0; round < 5; ++round) {
    write("in/a.txt", std::string(static_cast<std::size_t>(round) + 1, 'x'));
    CHECK(look() == std::string(static_cast<std::size_t>(round) + 1, 'x') + " ~");
  }
  CHECK(look() == "~");
  CHECK(remembered() == "4");
}

TEST_CASE_METHOD(OldFixture, "no file is forgotten while its folder is away") {
  write("in/a.txt", "1");
  begin();
  CHECK(look() == "^ 1 ~");
  std::filesystem::rename(path("in"), path("disk"));
  for (int looks = 0; looks < 20; ++looks) CHECK(look() == "~");
  std::filesystem::create_directory(path("in"));
  std::filesystem::last_write_time(
      path("in"), std::filesystem::file_time_type::clock::now() - std::chrono::hours(48));
  for (int looks = 0; looks < 20; ++looks) CHECK(look() == "~");
  std::filesystem::remove(path("in"));
  std::filesystem::rename(path("disk"), path("in"));
  CHECK(look() == "~");
  CHECK(remembered() == "0");
}

TEST_CASE_METHOD(OldFixture,
                 "a copy with the time of the file is that file, unless it is a new one") {
  using std::chrono::hours;
  const auto now = std::filesystem::file_time_type::clock::now();
  struct Case {
    std::filesystem::file_time_type time;
    std::string seen;
  };
  const auto odd = std::chrono::nanoseconds(1234567);
  const auto whole = std::chrono::floor<std::chrono::seconds>(now);
  const std::vector<Case> cases = {
      {.time = whole - hours(1) + odd, .seen = "~"},
      {.time = whole - hours(1), .seen = "1 ~"},
      {.time = whole + hours(1) + odd, .seen = "1 ~"},
  };
  write("probe", "");
  if (birth_of(path("probe")) == 0) return;
  for (const Case& c : cases) {
    catalog = {};
    write("in/a.txt", "1");
    std::filesystem::last_write_time(path("in/a.txt"), c.time);
    begin();
    CHECK(look() == "^ 1 ~");
    std::filesystem::copy_file(path("in/a.txt"), path("copy"));
    std::filesystem::last_write_time(path("copy"), c.time);
    std::filesystem::rename(path("copy"), path("in/a.txt"));
    CHECK(look() == c.seen);
    CHECK(log.lines.empty());
  }
}

}  // namespace
}  // namespace docmill::test
