#include "shared/runtime/key_file.h"

#include <sys/stat.h>

#include "tests/store/temp_folder.h"
#include "tests/support/catch.h"

namespace docmill {
namespace {

mode_t mode_of(const std::string& path) {
  struct stat found {};
  REQUIRE(::stat(path.c_str(), &found) == 0);
  return found.st_mode & 0777;
}

// The pair of the server in the manual of libzmq, zmq_curve(7).
const std::string kKey = "JTKVSB%%)wK0E.X)V>+}o?pNmC{O&4W4b!Ni{Lh6";
const std::string kPublic = "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7";

TEST_CASE("a pair that was written is read again, the secret one for its owner alone") {
  const TempFolder folder;
  const std::filesystem::path keys = folder / "keys";
  REQUIRE(write_key_pair(keys, "p1", {kPublic, kKey}));
  CHECK(mode_of(keys / "p1.secret") == 0600);
  CHECK(mode_of(keys) == 0700);
  CHECK(read_file(keys / "p1.secret") ==
        "# The secret docmill key of p1: for its owner alone, on its host alone.\n" + kKey + "\n");
  CHECK(read_file(keys / "p1.public") ==
        "# The public docmill key of p1: for every host of its pipeline.\n" + kPublic + "\n");
  const auto pair = read_secret_key(keys / "p1.secret", "");
  REQUIRE(pair);
  CHECK(pair->secret_key == kKey);
  CHECK(pair->public_key == kPublic);
  const auto known = read_public_key(keys / "p1.public", "");
  REQUIRE(known);
  CHECK(*known == kPublic);
}

TEST_CASE("no key is ever written over another") {
  const TempFolder folder;
  for (const std::string there : {"p1.secret", "p1.public"}) {
    const std::filesystem::path keys = folder / there;
    std::filesystem::create_directory(keys);
    write_file(keys / there, "mine");
    const auto written = write_key_pair(keys, "p1", make_key_pair());
    REQUIRE_FALSE(written);
    CHECK(written.error().text ==
          (keys / there).string() +
              ": is there already, and a new key shuts out who has this one; move it away first");
    CHECK(read_file(keys / there) == "mine");
    CHECK(std::distance(std::filesystem::directory_iterator(keys), {}) == 1);
  }
}

TEST_CASE("a key may stand in a file from elsewhere, among remarks and empty lines") {
  const TempFolder folder;
  const std::vector<std::string> texts = {kPublic, "# remark\r\n\r\n" + kPublic + "\r\n",
                                          "#" + kKey.substr(1) + "\n" + kPublic + "\n"};
  for (const std::string& text : texts) {
    write_file(folder / "a", text);
    const auto key = read_public_key(folder / "a", "");
    REQUIRE(key);
    CHECK(*key == kPublic);
  }
}

TEST_CASE("a file that holds no key says what was found, and one that is missing what to do") {
  const TempFolder folder;
  const std::string cure = "; copy the file again, or make a new pair with 'docmill keygen'";
  struct Case {
    std::string text;
    std::string found;
  };
  const std::vector<Case> cases = {
      {.text = "", .found = "0 lines"},
      {.text = "# only a remark\n", .found = "0 lines"},
      {.text = kPublic.substr(1), .found = "something else"},
      {.text = kPublic + " \n", .found = "something else"},
      {.text = kPublic + "\n" + kKey + "\n", .found = "2 lines"},
      {.text = std::string(100'000, 'x'), .found = "something else"},
  };
  for (const Case& test : cases) {
    write_file(folder / "a", test.text);
    const auto key = read_public_key(folder / "a", "");
    REQUIRE_FALSE(key);
    CHECK(key.error().text ==
          folder / "a" + ": expected one key of 40 characters, found " + test.found + cure);
    CHECK(key.error().code == ErrorCode::kConfig);
  }
  const auto missing = read_public_key(folder / "b", "copy it");
  REQUIRE_FALSE(missing);
  CHECK(missing.error().text == folder / "b" + ": no such file; copy it");
}

TEST_CASE("a secret key that others can reach is not used") {
  const TempFolder folder;
  for (const mode_t mode : {0640, 0604, 0620, 0601}) {
    write_file(folder / "a.secret", kKey);
    REQUIRE(::chmod((folder / "a.secret").c_str(), mode) == 0);
    const auto pair = read_secret_key(folder / "a.secret", "");
    REQUIRE_FALSE(pair);
    CHECK(pair.error().text == fmt::format("{}: open to others than its owner, mode {:04o}; run: "
                                           "chmod 600 {}",
                                           folder / "a.secret", mode, folder / "a.secret"));
  }
  for (const mode_t mode : {0600, 0400}) {
    REQUIRE(::chmod((folder / "a.secret").c_str(), mode) == 0);
    CHECK(read_secret_key(folder / "a.secret", ""));
  }
}

}  // namespace
}  // namespace docmill
