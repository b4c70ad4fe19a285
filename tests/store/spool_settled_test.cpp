// What a spool keeps of settled records, above all on a disk without room.
#include <fmt/format.h>

#include <cerrno>

#include "tests/store/faulty_disk.h"
#include "tests/store/limited_file_size.h"
#include "tests/store/no_files.h"
#include "tests/store/spool_fixture.h"

namespace docmill {
namespace {

struct SettledFixture : SpoolFixture {
  std::uint64_t on_disk() const {
    std::uint64_t bytes = 0;
    for (const std::string& file : files()) bytes += std::filesystem::file_size(file);
    return bytes;
  }
};

TEST_CASE_METHOD(SettledFixture, "a full disk gets the bytes of settled records back at once") {
  Spool spool = open();
  const std::uint64_t first = put(spool, std::string(200, 'a'));
  REQUIRE(spool.forget(first).ok());
  const std::uint64_t second = append(spool, std::string(200, 'b'));
  const std::uint64_t third = append(spool, "c");
  {
    const LimitedFileSize limited(350);
    REQUIRE(spool.sync().ok());
  }
  CHECK(on_disk() < 350);
  CHECK(read_all(spool, first) == Records{{second, std::string(200, 'b')}, {third, "c"}});
  CHECK(put(spool, "d") == third + 1);
}

TEST_CASE_METHOD(SettledFixture, "what is not settled stays on a full disk") {
  Spool spool = open();
  const std::uint64_t first = put(spool, std::string(200, 'a'));
  const std::uint64_t second = put(spool, "b");
  REQUIRE(spool.forget(first).ok());
  const std::uint64_t third = append(spool, std::string(200, 'c'));
  {
    const LimitedFileSize limited(350);
    CHECK(spool.sync().error().code == ErrorCode::kUnavailable);
    CHECK(read_all(spool, first) == Records{{second, "b"}});
    REQUIRE(spool.forget(second).ok());
    REQUIRE(spool.sync().ok());
  }
  CHECK(read_all(spool, second) == Records{{third, std::string(200, 'c')}});
}

TEST_CASE_METHOD(SettledFixture, "without room for another file the records are cut off in place") {
  Spool spool = open();
  const std::uint64_t first = put(spool, std::string(200, 'a'), "key");
  REQUIRE(spool.forget(first).ok());
  const std::uint64_t second = append(spool, "b");
  {
    FaultyDisk disk;
    disk.fail_next(DiskCall::kWrite, ENOSPC, 2);  // of the group, and of the keys
    REQUIRE(spool.sync().ok());
  }
  CHECK(on_disk() < 200);
  CHECK(read_all(spool, first) == Records{{second, "b"}});
}

TEST_CASE_METHOD(SettledFixture, "a group that is torn behind cut records was not answered") {
  std::uint64_t first = 0;
  std::uint64_t second = 0;
  {
    Spool spool = open();
    for (const char* text : {"a", "b", "c"}) first = put(spool, std::string(200, *text));
    REQUIRE(spool.forget(first).ok());
    second = append(spool, std::string(500, 'd'));
    append(spool, std::string(500, 'e'));
    const LimitedFileSize limited(1200);
    REQUIRE(spool.sync().ok());
  }
  const std::string file = files().front();
  const std::uint64_t size = std::filesystem::file_size(file);
  {
    // The first page of the group was not written, the second one was.
    Disk& disk = real_disk();
    const DiskFile opened(disk, disk.open(Disk::kHere, file, O_RDWR, 0));
    REQUIRE(opened.write(std::string(300, '\0'), size - 2 * 540) == 300);
  }
  Spool spool = open();
  CHECK(read_all(spool, first).empty());
  CHECK(spool.damage().records == 0);
  CHECK(spool.damage().cut == 2 * 540);
  CHECK(spool.next() > second);
}

TEST_CASE_METHOD(SettledFixture,
                 "keys of settled records are known after a restart without bytes") {
  limits.segment = Bytes{500};
  std::map<std::string, std::uint64_t> numbers;
  {
    Spool spool = open();
    for (int i = 0; i < 9; ++i) {
      const std::string key = fmt::format("key {}", i);
      numbers[key] = put(spool, std::string(200, 'x'), key);
      put(spool, "without a key");
    }
    const std::uint64_t before = on_disk();
    REQUIRE(spool.forget(spool.last()).ok());
    CHECK(on_disk() < before / 2);
  }
  for (int life = 0; life < 2; ++life) {
    Spool spool = open();
    CHECK(log.lines.empty());
    CHECK(spool.damage().records == 0);
    for (const auto& [key, number] : numbers) CHECK(append(spool, "again", key) == number);
  }
}

TEST_CASE_METHOD(SettledFixture,
                 "a spool that is settled gives back the megabytes it has written") {
  limits.bytes = Bytes{1 << 30};
  std::uint64_t last = 0;
  {
    Spool spool = open();
    for (int i = 0; i < 3; ++i) last = put(spool, std::string(1 << 20, 'x'), fmt::format("{}", i));
    REQUIRE(spool.forget(last).ok());
    CHECK(spool.bytes() < 1000);
    CHECK(append(spool, "again", "2") == last);
    CHECK(put(spool, "more", "3") == last + 1);
  }
  Spool spool = open();
  CHECK(log.lines.empty());
  CHECK(append(spool, "again", "0") == last - 2);
  CHECK(read_all(spool, last) == Records{{last + 1, "more"}});
}

TEST_CASE_METHOD(
    SettledFixture,
    "keys of a spool that was nearly full are known after it is settled and a restart") {
  limits.bytes = Bytes{1 << 20};
  std::map<std::string, std::uint64_t> numbers;
  {
    Spool spool = open();
    for (int i = 0; spool.bytes() < limits.bytes.count * 9 / 10; ++i) {
      const std::string key = fmt::format("key {}", i);
      numbers[key] = put(spool, std::string(30'000, 'x'), key);
    }
    for (const auto& [number, record] : read_all(spool)) REQUIRE(spool.forget(number).ok());
    CHECK(spool.bytes() < limits.bytes.count / 2);
  }
  REQUIRE(numbers.size() > 30);
  Spool spool = open();
  for (const auto& [key, number] : numbers) CHECK(append(spool, "again", key) == number);
}

TEST_CASE_METHOD(SettledFixture, "a full spool that is settled makes room and keeps its keys") {
  limits.bytes = Bytes{1 << 20};
  std::map<std::string, std::uint64_t> numbers;
  {
    Spool spool = open();
    for (int i = 0; spool.room_for(1, 30'100).ok(); ++i) {
      const std::string key = fmt::format("key {}", i);
      numbers[key] = put(spool, std::string(30'000, 'x'), key);
    }
    REQUIRE(spool.forget(spool.last()).ok());
    put(spool, std::string(700'000, 'y'));
  }
  Spool spool = open();
  for (const auto& [key, number] : numbers) CHECK(append(spool, "again", key) == number);
}

TEST_CASE_METHOD(SettledFixture,
                 "a settled spool that could not begin another segment has room all the same") {
  limits.bytes = Bytes{1 << 20};
  Spool spool = open();
  std::uint64_t last = 0;
  {
    const NoFiles none;
    for (int i = 0; i < 3; ++i) last = put(spool, std::string(300'000, 'x'), fmt::format("{}", i));
  }
  REQUIRE(spool.forget(last).ok());
  CHECK(put(spool, std::string(300'000, 'y')) > last);
  CHECK(append(spool, "again", "2") == last);
}

TEST_CASE("a crash while settled records are dropped loses no key and no record") {
  int calls = 0;
  for (const Loss loss : {Loss::kNothing, Loss::kUnsynced, Loss::kSome}) {
    for (int call = 1;; ++call) {
      const TempFolder folder("/dev/shm");
      const std::string path = folder / "spool";
      SpoolLimits limits{.bytes = Bytes{1 << 30}, .segment = Bytes{1 << 20}};
      const Ended ended = crash_at(call, loss, 7, [&](const auto& acknowledge) {
        KeptLines log;
        auto spool = Spool::open(real_disk(), path, limits, log);
        REQUIRE(spool.ok());
        for (int i = 0; i < 4; ++i) {
          put(*spool, std::string(i == 0 ? 100 : 700'000, 'x'), fmt::format("{}", i));
          acknowledge();
          if (i > 0) REQUIRE(spool->forget(spool->last()).ok());
        }
      });
      ++calls;
      KeptLines log;
      INFO("call " << call << ", acknowledged " << ended.acknowledged);
      auto spool = Spool::open(real_disk(), path, limits, log);
      REQUIRE(spool.ok());
      CHECK(spool->damage().records == 0);
      CHECK(spool->damage().segments == 0);
      for (int i = 0; i < ended.acknowledged; ++i) CHECK(spool->knows(fmt::format("{}", i)));
      if (!ended.crashed) break;
    }
  }
  CHECK(calls > 60);
}

}  // namespace
}  // namespace docmill
