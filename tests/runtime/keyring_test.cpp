#include "shared/runtime/keyring.h"

#include "tests/runtime/kept_log.h"
#include "tests/store/temp_folder.h"
#include "tests/support/catch.h"

namespace docmill {
namespace {

using std::literals::chrono_literals::operator""ms;
using std::literals::chrono_literals::operator""s;

const NetworkConfig kNetwork = {.producers = {{"p1", {.address = "tcp://127.0.0.1:5550"}}},
                                .sinks = {{"s1", {.address = "tcp://127.0.0.1:5560"}}}};

std::string make(const std::filesystem::path& folder, const std::string& name) {
  const KeyPair pair = make_key_pair();
  REQUIRE(write_key_pair(folder, name, pair));
  return pair.public_key;
}

struct Keys {
  TempFolder folder;
  KeptLog log;
  std::string own = make(folder.path(), "p1");

  Result<Keyring> open(const KeyHolder& self = {"p1", Role::kProducer}) {
    return Keyring::open(folder.path(), kNetwork, self, log);
  }
};

TEST_CASE("a name says what the holder of its key is") {
  Keys keys;
  const std::string sink = make(keys.folder.path(), "s1");
  const std::string member = make(keys.folder.path(), "t1");
  const std::string listener = make(keys.folder / "subscribers", "s1");
  write_file(keys.folder / "notes.txt", "not a key");
  write_file(keys.folder / "No Name.public", "not a key");
  auto keyring = keys.open();
  REQUIRE(keyring);
  CHECK(keyring->own().public_key == keys.own);
  const Time now{};
  CHECK(keyring->holder_of(keys.own, now) == KeyHolder{"p1", Role::kProducer});
  CHECK(keyring->holder_of(sink, now) == KeyHolder{"s1", Role::kSink});
  CHECK(keyring->holder_of(member, now) == KeyHolder{"t1", Role::kTransformer});
  CHECK(keyring->holder_of(listener, now) == KeyHolder{"s1", Role::kSubscriber});
  CHECK_FALSE(keyring->holder_of(make_key_pair().public_key, now));
  CHECK(keys.log.lines.empty());
}

TEST_CASE("a key that is put into the folder counts within a second, and so does its removal") {
  Keys keys;
  auto keyring = keys.open();
  REQUIRE(keyring);
  const Time now{};
  CHECK(keyring->holder_of(keys.own, now));
  const std::string late = make(keys.folder.path(), "t1");
  CHECK_FALSE(keyring->holder_of(late, now + 999ms));
  CHECK(keyring->holder_of(late, now + 1s));
  std::filesystem::remove(keys.folder / "t1.public");
  CHECK(keyring->holder_of(late, now + 1999ms));
  CHECK_FALSE(keyring->holder_of(late, now + 2s));
}

TEST_CASE("a key of two names is nobody's, and a file without a key is passed over; each is said") {
  Keys keys;
  const std::string twice = make(keys.folder.path(), "t1");
  std::filesystem::copy_file(keys.folder / "t1.public", keys.folder / "t2.public");
  write_file(keys.folder / "t3.public", "");
  auto keyring = keys.open();
  REQUIRE(keyring);
  CHECK_FALSE(keyring->holder_of(twice, Time{}));
  CHECK(keyring->holder_of(keys.own, Time{} + 5s));
  REQUIRE(keys.log.lines.size() == 2);
  CHECK(keys.log.lines[0] ==
        keys.folder / "t3.public" +
            ": expected one key of 40 characters, found 0 lines; copy the file again, or make a "
            "new pair with 'docmill keygen'");
  CHECK(keys.log.lines[1] == keys.folder / "t1.public and " + keys.folder / "t2.public" +
                                 " are the same key, so that neither name is let in with it; give "
                                 "each a key of its own");
}

TEST_CASE("a daemon whose own key does not fit does not start") {
  Keys keys;
  make(keys.folder.path(), "t1");
  write_file(keys.folder / "t1.public", make_key_pair().public_key);
  const std::string at = keys.folder.path().string();
  struct Case {
    KeyHolder self;
    std::string error;
  };
  const std::vector<Case> cases = {
      {.self = {"s1", Role::kSink},
       .error = at + "/s1.secret: no such file; make it with: docmill keygen --keys " + at + " s1"},
      {.self = {"t7", Role::kTransformer},
       .error = at + "/t7.secret: no such file; make it with: docmill keygen --keys " + at +
                " t7, or give --name one of the transformers that have a key here"},
      {.self = {"p1", Role::kTransformer},
       .error = "p1 is a producer of this pipeline, not a transformer; give --name another name"},
      {.self = {"../p1", Role::kTransformer},
       .error = "expected a name of 1 to 32 of a-z, 0-9 and -, found '../p1'; give --name one that "
                "has a key"},
      {.self = {"t1", Role::kTransformer},
       .error = at + "/t1.public: expected the public key to " + at +
                "/t1.secret, found another; keep what was made together"},
  };
  for (const Case& test : cases) {
    const auto keyring = keys.open(test.self);
    REQUIRE_FALSE(keyring);
    CHECK(keyring.error().text == test.error);
    CHECK(keyring.error().code == ErrorCode::kConfig);
  }
}

TEST_CASE("the key of a peer is looked up by its name") {
  Keys keys;
  const std::string sink = make(keys.folder.path(), "s1");
  const auto keyring = keys.open();
  REQUIRE(keyring);
  CHECK(*keyring->key_of("s1") == sink);
  CHECK(keyring->key_of("s2").error().text ==
        keys.folder / "s2.public: no such file; copy it from the host of s2");
  CHECK(keyring->key_of("../s1").error().text ==
        "expected the name of a key (1 to 32 of a-z, 0-9 and -), found '../s1'");
}

}  // namespace
}  // namespace docmill
