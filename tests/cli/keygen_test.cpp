// `docmill keygen`, and what `docmill check` says of keys that others can read.
#include <sys/stat.h>

#include "shared/runtime/key_file.h"
#include "tests/cli/program.h"
#include "tests/store/temp_folder.h"
#include "tests/support/catch.h"

namespace docmill::test {
namespace {

TEST_CASE("Keys are made for all names, and never over others") {
  const TempFolder folder;
  const Outcome made = docmill(folder.path(), {"keygen", "p1", "s1"});
  CHECK(made.code == 0);
  CHECK(made.err == "");
  CHECK(made.out == "keys/p1.secret keys/p1.public\nkeys/s1.secret keys/s1.public\n");
  const auto pair = read_secret_key(folder / "keys/p1.secret", "");
  REQUIRE(pair);
  CHECK(*read_public_key(folder / "keys/p1.public", "") == pair->public_key);

  const Outcome again = docmill(folder.path(), {"keygen", "t1", "s1"});
  CHECK(again.code == 78);
  CHECK(again.out == "");
  CHECK(again.err ==
        "keys/s1.secret: is there already, and a new key shuts out who has this one; move it away "
        "first\n");
  CHECK_FALSE(std::filesystem::exists(folder / "keys/t1.secret"));

  const Outcome elsewhere =
      docmill(folder.path(), {"keygen", "--keys", "keys/subscribers", "dashboard"});
  CHECK(elsewhere.code == 0);
  CHECK(std::filesystem::exists(folder / "keys/subscribers/dashboard.secret"));
}

TEST_CASE("A name that is none gets no key, and neither do the others") {
  const TempFolder folder;
  const Outcome outcome = docmill(folder.path(), {"keygen", "p1", "../p2"});
  CHECK(outcome.code == 64);
  CHECK(outcome.err == "docmill keygen: a name must be 1 to 32 of a-z, 0-9 and -, got '../p2'\n");
  CHECK_FALSE(std::filesystem::exists(folder / "keys"));
}

TEST_CASE("A secret key that others can read is a finding") {
  const TempFolder folder;
  write_file(folder / "a.yaml",
             "pipeline: a\nproducer: { source: { lines: { path: in.txt } } }\n"
             "sink: { outputs: [ ndjson: { path: out.ndjson } ] }\n"
             "security:\n  curve:\n    keys: keys\n");
  CHECK(docmill(folder.path(), {"check", "a.yaml"}).out == "a.yaml: ok\n");  // no keys here
  REQUIRE(docmill(folder.path(), {"keygen", "p1", "s1"}).code == 0);
  CHECK(docmill(folder.path(), {"check", "a.yaml"}).out == "a.yaml: ok\n");
  REQUIRE(::chmod((folder / "keys/s1.secret").c_str(), 0644) == 0);
  for (const std::string command : {"check", "run"}) {
    const Outcome outcome = docmill(folder.path(), {command, "a.yaml"});
    CHECK(outcome.code == 78);
    CHECK(outcome.err ==
          "a.yaml:6: security.curve.keys: keys/s1.secret: open to others than its owner, mode "
          "0644; run: chmod 600 keys/s1.secret\n");
  }
}

}  // namespace
}  // namespace docmill::test
