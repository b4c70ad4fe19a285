// Folders that are missing for a while, with the files in them: a disk that is not mounted.
#include <sys/stat.h>

#include "producer/files/input_folders.h"
#include "tests/producer/done_fixture.h"

namespace docmill::test {
namespace {

struct AwayFixture : DoneFixture {
  AwayFixture() {
    std::filesystem::create_directory(path("bare"));
    age("bare");
  }
  // Last changed long before any file was written.
  void age(const std::string& name) const {
    std::filesystem::last_write_time(
        path(name), std::filesystem::file_time_type::clock::now() - std::chrono::hours(48));
  }
  void unmount() const { std::filesystem::rename(path("in"), path("disk")); }
  // The folder that a disk is mounted on is left, without files.
  void unmount_to_bare() const {
    unmount();
    std::filesystem::rename(path("bare"), path("in"));
  }
  void mount() const {
    std::filesystem::remove_all(path("in"));
    std::filesystem::rename(path("disk"), path("in"));
  }
  // The text of the error after what could be read.
  static std::string error_of(Source& source) {
    while (true) {
      const auto next = source.peek();
      if (!next) {
        CHECK(next.error().code == ErrorCode::kUnavailable);
        return next.error().text;
      }
      REQUIRE(next->state != Source::State::kIdle);
      REQUIRE(next->state != Source::State::kEnded);
      source.take();
    }
  }
  std::string missing() const {
    return path("in") +
           ": expected the folder of a.txt, got 'no such file or directory'; mount "
           "its disk, or make the folder if its files were deleted";
  }
  std::string bare() const {
    return path("in") +
           ": expected a.txt, found a folder without files that was last changed before files in "
           "it "
           "were written, like a mount point without its disk; mount the disk, or touch the folder "
           "if its files were deleted";
  }
};

TEST_CASE_METHOD(AwayFixture, "known files whose folder is missing are waited for and then read") {
  for (const std::string kind : {"", "watch: true, "}) {
    INFO(kind);
    catalog = {};
    write("in/a.txt", "1");
    write("in/b.txt", "2");
    CHECK(outline(read_all(*files(kind + "format: text"))) ==
          (kind.empty() ? "^ 1 2 $" : "^ 1 2 ~"));
    unmount();
    auto source = files(kind + "format: text");
    for (int tries = 0; tries < 3; ++tries) {
      CHECK(error_of(*source) == "producer.source.files: " + missing());
    }
    mount();
    CHECK(outline(read_all(*source)) == (kind.empty() ? "1 2 ^ $" : "1 2 ^ ~"));
  }
}

TEST_CASE_METHOD(AwayFixture, "known files whose disk left an empty mount point are waited for") {
  write("in/a.txt", "1");
  read_all(*files("format: text"));
  unmount_to_bare();
  auto source = files("format: text");
  CHECK(error_of(*source) == "producer.source.files: " + bare());
  write("in/.keep", "a mark for people");
  age("in");
  CHECK(error_of(*source) == "producer.source.files: " + bare());
  mount();
  CHECK(outline(read_all(*source)) == "1 ^ $");
}

TEST_CASE_METHOD(AwayFixture, "an old file is waited for when a newer one was beside it") {
  write("in/a.txt", "1");
  write("in/b.txt", "2");
  std::filesystem::last_write_time(
      path("in/a.txt"), std::filesystem::file_time_type::clock::now() - std::chrono::hours(999));
  read_all(*files("format: text"));
  unmount_to_bare();
  auto source = files("format: text");
  CHECK(error_of(*source) == "producer.source.files: " + bare());
  mount();
  CHECK(outline(read_all(*source)) == "1 2 ^ $");
}

TEST_CASE_METHOD(AwayFixture, "files that were deleted are not waited for") {
  const auto rest = [&](const std::string& pattern) {
    auto source = open(files_source(), "{format: text, path: '" + path(pattern) + "'}");
    REQUIRE(source.ok());
    return outline(read_all(**source));
  };
  const auto begin = [&](const std::string& pattern) {
    catalog = {};
    std::filesystem::create_directory(path("in/day"));
    write("in/day/a.txt", "1");
    write("in/a.txt", "2");
    REQUIRE_FALSE(rest(pattern).empty());
  };
  begin("in/*.txt");
  std::filesystem::remove(path("in/a.txt"));
  CHECK(rest("in/*.txt") == "! ^ $");
  // All of the folder, which is made anew.
  begin("in/*.txt");
  unmount();
  std::filesystem::create_directory(path("in"));
  CHECK(rest("in/*.txt") == "! ^ $");
  mount();
  // The touch that the error asks for.
  begin("in/*.txt");
  unmount_to_bare();
  std::filesystem::last_write_time(path("in"), std::filesystem::file_time_type::clock::now());
  CHECK(rest("in/*.txt") == "! ^ $");
  mount();
  // A folder that a wildcard stands for.
  begin("in/*/*.txt");
  std::filesystem::remove_all(path("in/day"));
  CHECK(rest("in/*/*.txt") == "! ^ $");
  unmount();
  auto source = open(files_source(), "{format: text, path: '" + path("in/*/*.txt") + "'}");
  REQUIRE(source.ok());
  CHECK(error_of(**source) == "producer.source.files: " + missing());
}

TEST_CASE_METHOD(AwayFixture, "a file of the future that was deleted is not waited for") {
  write("in/a.txt", "1");
  std::filesystem::last_write_time(
      path("in/a.txt"), std::filesystem::file_time_type::clock::now() + std::chrono::hours(48));
  read_all(*files("format: text"));
  std::filesystem::remove(path("in/a.txt"));
  CHECK(outline(read_all(*files("format: text"))) == "! ^ $");
}

TEST_CASE_METHOD(AwayFixture, "a link whose target's disk is away is waited for") {
  std::filesystem::create_directory(path("links"));
  write("in/a.txt", "1");
  std::filesystem::create_symlink(path("in/a.txt"), path("links/a.txt"));
  const std::string settings = "{format: text, path: '" + path("links/*.txt") + "'}";
  auto source = open(files_source(), settings);
  CHECK(outline(read_all(**source)) == "^ 1 $");
  unmount();
  source = open(files_source(), settings);
  CHECK(error_of(**source) == "producer.source.files: " + missing());
  mount();
  CHECK(outline(read_all(**source)) == "1 ^ $");
}

TEST_CASE_METHOD(AwayFixture, "a folder on another device than before is away") {
  struct stat here {};
  struct stat there {};
  if (stat(folder.c_str(), &here) != 0 || stat("/dev/shm", &there) != 0) return;
  if (here.st_dev == there.st_dev) return;
  write("in/a.txt", "1");
  write("in/b.txt", "2");
  InputFolders folders(path("in"));
  folders.found(path("in/a.txt"));
  const KnownFile file = {.path = path("in/b.txt")};
  CHECK(*folders.is_gone(file) == false);
  unmount();
  std::filesystem::create_directory_symlink("/dev/shm", path("in"));
  const auto gone = folders.is_gone(file);
  REQUIRE_FALSE(gone.ok());
  CHECK(gone.error() ==
        unavailable(path("in") + ": expected the disk that had b.txt, found another one; mount "
                                 "it, or start again if its files were deleted"));
}

TEST_CASE_METHOD(AwayFixture,
                 "a folder that this process emptied is here, whatever the clock says") {
  for (const std::string& kind : {move(), std::string("when_done: delete")}) {
    INFO(kind);
    catalog = {};
    write("in/a.txt", "1");
    auto source = files(kind);
    CHECK(outline(read_all(*source)) == "^ 1 $");
    const std::string position = source->position();
    // The clock was ahead when the file was written, or the folder never tells of a deletion.
    std::filesystem::remove(path("in/a.txt"));
    age("in");
    settle(*source, position);
    clock.time += std::chrono::seconds(2);
    REQUIRE(source->serve().ok());
    CHECK(log.lines.empty());
    CHECK(catalog.rows() == SourceRows{{0, ""}});
  }
}

TEST_CASE_METHOD(AwayFixture,
                 "a folder whose files others deleted is here, whatever the clock says") {
  write("in/a.txt", "1");
  write("in/b.txt", "2");
  auto source = files("format: text");
  CHECK(source->peek()->state == Source::State::kCaughtUp);
  source->take();
  CHECK(source->peek()->document.bytes == "1");
  for (const char* name : {"in/a.txt", "in/b.txt"}) std::filesystem::remove(path(name));
  age("in");
  source->take();
  CHECK(outline(read_all(*source)) == "! $");
}

TEST_CASE_METHOD(AwayFixture, "files that are done are not forgotten while their folder is away") {
  for (const bool is_bare : {false, true}) {
    for (const std::string& kind : {move(), std::string("watch: true, when_done: delete")}) {
      INFO(kind << is_bare);
      catalog = {};
      log.lines.clear();
      std::filesystem::create_directory(path("bare"));
      age("bare");
      write("in/a.txt", "1");
      auto source = files(kind);
      const std::string end = kind == move() ? " $" : " ~";
      REQUIRE(source->serve().ok());
      CHECK(outline(read_all(*source)) == "^ 1" + end);
      const std::string position = source->position();
      is_bare ? unmount_to_bare() : unmount();
      source = files(kind, position);
      settle(*source, position);
      clock.time += std::chrono::seconds(2);
      REQUIRE(source->serve().ok());
      CHECK(log.lines.front() ==
            "producer.source.files.when_done: " + (is_bare ? bare() : missing()) + "; retry in 2s");
      mount();
      clock.time += std::chrono::seconds(2);
      REQUIRE(source->serve().ok());
      CHECK(names("in").empty());
      CHECK(catalog.rows() == SourceRows{{0, ""}});
      CHECK(outline(read_all(*source)) == "^" + end);
    }
  }
}

}  // namespace
}  // namespace docmill::test
