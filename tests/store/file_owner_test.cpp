#include "shared/store/file_owner.h"

#include <filesystem>
#include <fstream>

#include "shared/store/append_file.h"
#include "tests/store/temp_folder.h"
#include "tests/support/catch.h"
#include "tests/support/real_disk.h"

namespace docmill::test {
namespace {

struct OwnerFixture {
  OwnerFixture() {
    auto file = AppendFile::open(real_disk(), path, std::nullopt);
    REQUIRE(file.ok());
    made = file->mark();
    file->append("first ");
    REQUIRE(file->sync().ok());
    file->append("second");
    REQUIRE(file->sync().ok());
    written = file->mark();
  }
  // Another file at the path. The former ones are kept: a file system gives the number of a removed
  // file to the next one, whose time of birth may be the same tick of the clock.
  void move_away() { std::filesystem::rename(path, path + std::to_string(++moved)); }
  void put(const std::string& bytes) {
    move_away();
    std::ofstream(path, std::ios::binary) << bytes;
  }
  bool owns(const FileMark& mark) { return is_ours(real_disk(), path, mark).value(); }

  TempFolder folder;
  int moved = 0;
  std::string path = folder / "a";
  FileMark made;
  FileMark written;
};

TEST_CASE_METHOD(OwnerFixture, "a file is its maker's, however its bytes have changed") {
  CHECK(owns(made));
  CHECK(owns(written));
  std::filesystem::resize_file(path, 3);
  CHECK(owns(written));
  move_away();
  CHECK_FALSE(owns(written));
}

TEST_CASE_METHOD(OwnerFixture,
                 "another file is ours when it has the bytes that were committed last") {
  put("first second and more");
  CHECK(owns(written));
  put("FIRST second");
  CHECK(owns(written));
  put("first Second");
  CHECK_FALSE(owns(written));
  put("first secon");
  CHECK_FALSE(owns(written));
  move_away();
  std::filesystem::create_directory(path);
  CHECK_FALSE(owns(written));
}

TEST_CASE_METHOD(OwnerFixture,
                 "another folder is ours when it has the list that was committed last") {
  move_away();
  std::filesystem::create_directory(path);
  FileMark mark = written;
  mark.tail = tail_of("a\tb\n");
  const auto put_list = [&](const std::string& name, const std::string& bytes) {
    std::ofstream(path + "/" + name, std::ios::binary) << bytes;
  };
  put_list("0000000000000000-0", "a\tb\n");
  put_list("0000000000000000.names", "a\tc\n");
  CHECK_FALSE(owns(mark));
  put_list("0000000000000005.names", "a\tb\n");
  CHECK(owns(mark));
  mark.length = 0;  // nothing is committed that could be in it
  CHECK_FALSE(owns(mark));
}

TEST_CASE_METHOD(OwnerFixture,
                 "with nothing committed another file is ours only when it is empty") {
  put("first ");
  CHECK_FALSE(owns(made));
  put("");
  CHECK(owns(made));
}

TEST_CASE_METHOD(OwnerFixture, "without an identity the length decides, and 0 owns nothing") {
  CHECK(owns({path, 12}));
  CHECK(owns({path, 5}));
  CHECK_FALSE(owns({path, 13}));
  CHECK_FALSE(owns({path, 0}));
  put("");
  CHECK(owns({path, 0}));
}

TEST_CASE_METHOD(OwnerFixture, "a file that is made again with the same number is another one") {
  put("another");
  FileFacts found;
  REQUIRE(real_disk().look_at(Disk::kHere, path, found) == 0);
  FileMark mark = written;
  mark.file = found.identity;
  CHECK(owns(mark));
  --mark.file.born;
  CHECK_FALSE(owns(mark));
}

}  // namespace
}  // namespace docmill::test
