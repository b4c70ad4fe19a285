#include "shared/runtime/aside.h"

#include <filesystem>
#include <fstream>

#include "shared/store/append_file.h"
#include "tests/store/temp_folder.h"
#include "tests/support/catch.h"
#include "tests/support/real_disk.h"

namespace docmill::test {
namespace {

struct AsideFixture {
  // The mark of a file with these bytes, which grows under its path and the suffix.
  FileMark write(const std::string& name, const std::string& suffix = "") {
    auto file = AppendFile::open(real_disk(), folder / (name + suffix), std::nullopt);
    REQUIRE(file.ok());
    file->append("ours\n");
    REQUIRE(file->sync().ok());
    FileMark mark = file->mark();
    mark.path = folder / name;
    return mark;
  }
  void put(const std::string& name) { std::ofstream(folder / name) << "another's\n"; }
  bool is_file(const std::string& name) const {
    return std::filesystem::exists(std::filesystem::path(folder / name));
  }

  TempFolder folder;
  Aside aside;
};

TEST_CASE_METHOD(AsideFixture, "files of others stay at paths that a ledger knows") {
  const FileMark taken = write("taken");
  std::filesystem::rename(std::filesystem::path(folder / "taken"), folder / "archived");
  put("taken");
  put("taken.open");
  put("announced");
  const std::vector<FileMark> files = {taken, {folder / "announced", 0}, write("grows", ".open")};
  REQUIRE(move_files_aside(files, {}, "now", aside).ok());
  CHECK(is_file("taken"));
  CHECK(is_file("taken.open"));
  CHECK(is_file("announced"));
  CHECK(is_file("grows.open.before-now"));
  CHECK(aside.moves.size() == 1);
  CHECK(aside.remarks ==
        std::vector<std::string>{
            folder / "taken" + ": stays where it is, it is not the file that was written",
            folder / "taken.open" + ": stays where it is, it is not the file that was written",
            folder / "announced" + ": stays where it is, it is not the file that was written"});
}

TEST_CASE_METHOD(AsideFixture, "a file that the source reads stays, however its path is spelled") {
  std::filesystem::create_directory(std::filesystem::path(folder / "in"));
  const FileMark mark = write("in/a");
  REQUIRE(move_files_aside({mark}, {folder / "in/../in//a"}, "now", aside).ok());
  CHECK(is_file("in/a"));
  CHECK(aside.remarks ==
        std::vector<std::string>{folder / "in/a" + ": stays where it is, the source reads it"});
  REQUIRE(move_files_aside({mark}, {folder / "in/b"}, "now", aside).ok());
  CHECK(is_file("in/a.before-now"));
}

TEST_CASE_METHOD(AsideFixture, "a file stays when the source reads its folder, or by a pattern") {
  std::filesystem::create_directories(std::filesystem::path(folder / "in/sub"));
  const std::vector<FileMark> files = {write("in/a.xml"), write("in/b.txt"), write("in/sub/c.xml")};
  const auto stays = [](const std::string& path) {
    return path + ": stays where it is, the source reads it";
  };
  SECTION("a folder, without the folders in it") {
    REQUIRE(move_files_aside(files, {folder / "in"}, "now", aside).ok());
    CHECK(aside.remarks ==
          std::vector<std::string>{stays(folder / "in/a.xml"), stays(folder / "in/b.txt")});
    CHECK(is_file("in/sub/c.xml.before-now"));
  }
  SECTION("a pattern, of which * does not match a slash") {
    REQUIRE(move_files_aside(files, {folder / "./i?/*.xml"}, "now", aside).ok());
    CHECK(aside.remarks == std::vector<std::string>{stays(folder / "in/a.xml")});
    CHECK(is_file("in/b.txt.before-now"));
    CHECK(is_file("in/sub/c.xml.before-now"));
  }
}

TEST_CASE_METHOD(AsideFixture, "nothing that was moved aside before is replaced") {
  for (const std::string expected : {"a.before-now", "a.before-now-2", "a.before-now-3"}) {
    const FileMark mark = write("a");
    REQUIRE(move_files_aside({mark}, {}, "now", aside).ok());
    CHECK(aside.moves.back().second == std::filesystem::path(folder / expected));
  }
  CHECK(is_file("a.before-now"));
  CHECK(is_file("a.before-now-2"));
  CHECK(is_file("a.before-now-3"));
}

TEST_CASE_METHOD(AsideFixture, "a daemon can start over several times within a second") {
  const std::filesystem::path state = folder / "state";
  std::vector<std::filesystem::path> targets;
  for (int i = 0; i < 5; ++i) {
    std::filesystem::create_directories(state / "p1");
    std::ofstream(state / "p1" / "run") << i;
    const auto moved = move_daemon_aside(state, "p1", {}, {});
    REQUIRE(moved.ok());
    REQUIRE(moved->moves.size() == 1);
    targets.push_back(moved->moves[0].second);
  }
  for (int i = 0; i < 5; ++i) {
    int found = -1;
    std::ifstream(targets[static_cast<std::size_t>(i)] / "run") >> found;
    CHECK(found == i);
  }
}

TEST_CASE_METHOD(AsideFixture, "a file that was damaged is moved like any other") {
  const FileMark mark = write("a");
  std::filesystem::resize_file(std::filesystem::path(folder / "a"), 2);
  REQUIRE(move_files_aside({mark}, {}, "now", aside).ok());
  CHECK(is_file("a.before-now"));
  CHECK(aside.remarks.empty());
}

}  // namespace
}  // namespace docmill::test
