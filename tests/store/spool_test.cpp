#include "shared/store/spool.h"

#include <fmt/format.h>

#include <cerrno>

#include "shared/base/spool_size.h"
#include "shared/config/largest.h"
#include "tests/store/faulty_disk.h"
#include "tests/store/limited_file_size.h"
#include "tests/store/spool_fixture.h"

namespace docmill {
namespace {

TEST_CASE_METHOD(SpoolFixture,
                 "what was synced is read in order, and under the same numbers later") {
  Records written;
  for (int life = 0; life < 3; ++life) {
    Spool spool = open();
    CHECK(read_all(spool) == written);
    for (int i = 0; i < 5; ++i) {
      const std::string text = fmt::format("{} of life {}", i, life);
      const std::uint64_t next = spool.next();
      const std::uint64_t number = put(spool, text);
      CHECK(number == next);
      CHECK((written.empty() || number > written.rbegin()->first));
      written[number] = text;
      CHECK(spool.last() == number);
      CHECK(read_all(spool) == written);
    }
  }
  for (const auto& [number, text] : written) {
    Spool spool = open();
    CHECK(read_all(spool, number) == Records(written.upper_bound(number), written.end()));
  }
  CHECK(log.lines.empty());
}

TEST_CASE_METHOD(SpoolFixture, "nothing is given out before it is durable") {
  Spool spool = open();
  append(spool, "a");
  append(spool, "");
  CHECK(read_all(spool).empty());
  REQUIRE(spool.sync().ok());
  CHECK(read_all(spool).size() == 2);
}

TEST_CASE_METHOD(SpoolFixture,
                 "a full spool says so, takes nothing, and has room when all is settled") {
  limits.bytes = Bytes{1000};
  Spool spool = open();
  std::uint64_t last = 0;
  for (int i = 0; i < 7; ++i) last = put(spool, std::string(100, 'a'));
  const Records before = read_all(spool);
  CHECK(spool.bytes() == 980);
  for (int i = 0; i < 2; ++i) {
    CHECK(spool.append("", "x").error() ==
          unavailable(path() + ": full: 980 of 1000 bytes wait to be settled, 41 more do not fit; "
                               "send again later"));
  }
  CHECK(read_all(spool) == before);
  CHECK(spool.append("", std::string(711, 'x')).error() ==
        malformed(path() + ": a record of 711 bytes never fits into a spool of 1KB; make the spool "
                           "larger"));
  REQUIRE(spool.forget(last).ok());
  const std::uint64_t next = put(spool, std::string(700, 'b'));
  CHECK(read_all(spool, last) == Records{{next, std::string(700, 'b')}});
  REQUIRE(spool.forget(next).ok());
  CHECK(put(spool, std::string(700, 'c')) > next);
  CHECK(spool.bytes() <= 1000);
}

TEST_CASE_METHOD(SpoolFixture, "a segment goes when all of it is settled, and not before") {
  limits.segment = Bytes{100};
  std::optional<Spool> spool(open());
  std::vector<std::uint64_t> numbers;
  for (int i = 0; i < 6; ++i) numbers.push_back(put(*spool, std::string(30, 'a')));
  CHECK(files().size() == 4);  // two records each, and an empty one
  REQUIRE(spool->forget(numbers[2]).ok());
  CHECK(files().size() == 3);
  CHECK(read_all(*spool).size() == 4);
  CHECK(read_all(*spool, numbers[2]).size() == 3);
  REQUIRE(spool->forget(numbers[3]).ok());
  CHECK(files().size() == 2);
  spool.reset();
  spool.emplace(open());
  CHECK(log.lines.empty());
  REQUIRE(spool->forget(numbers[5]).ok());
  CHECK(files().size() == 1);
  spool.reset();
  spool.emplace(open());
  CHECK(log.lines.empty());
  CHECK(put(*spool, "b") > numbers[5]);
}

TEST_CASE_METHOD(SpoolFixture, "a spool has one writer, wherever it is moved to") {
  std::optional<Spool> spool(open());
  const Error taken =
      config_error(path() +
                   ": another output or process writes to it; give each output a url of its own, "
                   "and each process a state folder of its own");
  CHECK(refused() == taken);
  Spool moved = std::move(*spool);
  spool.reset();
  CHECK(refused() == taken);
  CHECK(put(moved, "a") > 0);
  spool = std::move(moved);
  CHECK(refused() == taken);
  spool.reset();
  CHECK(read_all(spool.emplace(open())).size() == 1);
}

TEST_CASE_METHOD(SpoolFixture, "a record that is sent again under its key is the record it was") {
  limits.segment = Bytes{1};
  limits.keys = 2;
  std::uint64_t a = 0;
  {
    Spool spool = open();
    a = append(spool, "first", "a");
    CHECK(append(spool, "again", "a") == a);
    REQUIRE(spool.sync().ok());
    const auto again = spool.append("a", "once more");
    CHECK((again.ok() && again->number == a && !again->is_new));
    CHECK(append(spool, "no key") != append(spool, "no key"));
    CHECK(spool.append(std::string(256, 'k'), "x").error() ==
          malformed("expected a key of at most 255 bytes, found 256; shorten it"));
    REQUIRE(spool.sync().ok());
  }
  Spool spool = open();
  CHECK(append(spool, "after a restart", "a") == a);
  REQUIRE(spool.forget(a).ok());  // the records without a key came later
  CHECK(append(spool, "after it was settled", "a") == a);
  CHECK(append(spool, "more", "b") > a);
  CHECK(append(spool, "more", "c") > a);
  CHECK(append(spool, "it is forgotten", "a") > a);
  CHECK(append(spool, "two keys are remembered", "b") > a);
  CHECK(spool.sync().ok());
  CHECK(read_all(spool).size() == 1 + 2 + 4);
}

TEST_CASE_METHOD(SpoolFixture,
                 "a key is known after all is settled, also when its room was needed") {
  limits.bytes = Bytes{1000};
  Spool spool = open();
  std::map<std::string, std::uint64_t> numbers;
  for (const std::string key : {"a", "b", "c", "d", "e", "f", "g"}) {
    numbers[key] = append(spool, std::string(80, 'x'), key);
    REQUIRE(spool.sync().ok());
  }
  REQUIRE(spool.forget(spool.last()).ok());
  CHECK(spool.bytes() <= 500);
  CHECK(append(spool, "again", "g") == numbers["g"]);
  CHECK(append(spool, "again", "e") == numbers["e"]);
  CHECK(append(spool, "again", "a") == numbers["a"]);
  CHECK(append(spool, std::string(700, 'y')) > numbers["g"]);
  REQUIRE(spool.sync().ok());
  CHECK(append(spool, "its segment is gone", "e") == numbers["e"]);
}

TEST_CASE_METHOD(SpoolFixture,
                 "a group that finds no room is kept, and durable when there is room") {
  Spool spool = open();
  put(spool, std::string(60, 'a'));
  append(spool, std::string(200, 'b'));
  const std::string file = files().front();
  {
    const LimitedFileSize limited(150);
    for (int attempt = 0; attempt < 2; ++attempt) {
      CHECK(spool.sync().error() == unavailable(file + ": append 240 bytes: file too large"));
      CHECK(read_all(spool).size() == 1);
    }
  }
  REQUIRE(spool.sync().ok());
  CHECK(read_all(spool).size() == 2);
}

TEST_CASE_METHOD(SpoolFixture,
                 "a sync that failed ends the spool, and what it had answered is there") {
  const Records written = [this] {
    Spool spool = open();
    const Records all{{put(spool, "a"), "a"}};
    append(spool, "b");
    FaultyDisk disk;
    disk.fail_next(DiskCall::kSync, EIO);
    CHECK(
        spool.sync().error() ==
        corrupt(files().front() + ": sync: input/output error; check the disk, then start again"));
    return all;
  }();
  Spool spool = open();
  const Records found = read_all(spool);
  CHECK(found.begin()->second == "a");
  CHECK(found.begin()->first == written.begin()->first);
}

TEST_CASE_METHOD(SpoolFixture, "a spool takes the largest document where check accepts its size") {
  constexpr std::uint64_t kMetadata = 4096;
  for (const std::uint64_t document :
       {std::uint64_t{1} << 10, std::uint64_t{1} << 20, std::uint64_t{64} << 20,
        std::uint64_t{190} << 20, std::uint64_t{193} << 20, kLargestDocument.count}) {
    limits.bytes = smallest_spool({document});
    CHECK(open().room_for(1, document + kMetadata).ok());
    if (document < (1 << 20)) continue;
    limits.bytes.count -= 1 << 20;
    const auto room = open().room_for(1, document + 2 * kMetadata);
    REQUIRE_FALSE(room.ok());
    CHECK(room.error().code == ErrorCode::kMalformed);
  }
}

}  // namespace
}  // namespace docmill
