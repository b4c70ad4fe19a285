#include "tests/house/tree.h"

#include <unistd.h>

#include <fstream>

#include "tests/support/catch.h"

namespace docmill::house {
namespace {

namespace fs = std::filesystem;

struct Folder {
  Folder() : path(fs::temp_directory_path() / ("docmill-house-" + std::to_string(getpid()))) {}
  ~Folder() { fs::remove_all(path); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  void put(const std::string& name, const std::string& content) const {
    fs::create_directories((path / name).parent_path());
    std::ofstream(path / name, std::ios::binary) << content;
  }

  fs::path path;
};

TEST_CASE("builds, state, output and binary files are not read") {
  const Folder folder;
  folder.put("Makefile", "all:\n");
  folder.put(".ci/run", "make\n");
  folder.put("sink/state/kept.cpp", "x");
  folder.put("build/release/a.cpp", "x");
  folder.put(".git/HEAD", "x");
  folder.put("state/p1/LOCK", "x");
  folder.put("out/books.ndjson", "x");
  folder.put("tests/__pycache__/a.pyc", "x");
  folder.put("tests/data/a.bin", std::string("a\0b", 3));

  CHECK(read_tree(folder.path) ==
        Tree{{"Makefile", "all:\n"}, {".ci/run", "make\n"}, {"sink/state/kept.cpp", "x"}});
}

TEST_CASE("includes are found with their lines and kinds") {
  const auto includes = includes_of("// \"no.h\"\n#include <map>\n  # include \"a/b.h\"  // why\n");
  REQUIRE(includes.size() == 2);
  CHECK(includes[0].line == 2);
  CHECK(includes[0].name == "map");
  CHECK_FALSE(includes[0].quoted);
  CHECK(includes[1].line == 3);
  CHECK(includes[1].name == "a/b.h");
  CHECK(includes[1].quoted);
}

}  // namespace
}  // namespace docmill::house
