// What the disk does to a spool at rest.
#include <fmt/format.h>

#include <cerrno>
#include <functional>
#include <random>

#include "shared/store/spool.h"
#include "tests/store/faulty_disk.h"
#include "tests/store/spool_fixture.h"

namespace docmill {
namespace {

// A spool of one whole segment with the records 0 to 9 of 100 bytes each, closed.
struct DamageFixture : SpoolFixture {
  static constexpr std::uint64_t kRecord = kSpoolHeaderBytes + 100;

  DamageFixture() {
    {
      Spool spool = open();
      for (int i = 0; i < 10; ++i) {
        const std::string text(100, static_cast<char>('0' + i));
        written[put(spool, text)] = text;
      }
    }
    open();  // completes what was appended to
    segment = files().front();
  }
  void change(const std::function<void(std::string&)>& edit) const {
    std::string bytes = read_file(segment);
    edit(bytes);
    write_file(segment, bytes);
  }
  // What is left of it.
  std::string left() {
    Spool spool = open();
    damage = spool.damage();
    std::string text;
    for (const auto& [number, bytes] : read_all(spool)) {
      CHECK(written.at(number) == bytes);
      text += bytes[0];
    }
    return text;
  }

  Records written;
  std::string segment;
  Spool::Damage damage;
};

struct Harm {
  const char* name;
  std::function<void(std::string&)> edit;
  std::string left;
  std::string said;
};

TEST_CASE("what is damaged is counted and passed over, and everything else keeps its number") {
  constexpr std::uint64_t kRecord = DamageFixture::kRecord;
  const auto at = [](std::uint64_t offset, char byte) {
    return [=](std::string& bytes) { bytes[offset] = byte; };
  };
  const std::vector<Harm> harms = {
      {.name = "a byte of a document",
       .edit = at(3 * kRecord + 60, 'x'),
       .left = "012456789",
       .said =
           "1 record (140 bytes) could not be read, at offset 420 and behind it; they are lost"},
      {.name = "a byte of a header",
       .edit = at(3 * kRecord + 20, 'x'),
       .left = "012456789",
       .said =
           "1 record (140 bytes) could not be read, at offset 420 and behind it; they are lost"},
      {.name = "the beginning",
       .edit = [](std::string& bytes) { bytes.replace(0, 300, 300, '\0'); },
       .left = "3456789",
       .said = "3 records (420 bytes) could not be read, at offset 0 and behind it; they are lost"},
      {.name = "two places",
       .edit = [](std::string& bytes) { bytes[50] = bytes[9 * kRecord] = 'x'; },
       .left = "12345678",
       .said = "2 records (280 bytes) could not be read, at offset 0 and behind it; they are lost"},
      {.name = "cut in a record",
       .edit = [](std::string& bytes) { bytes.resize(8 * kRecord + 1); },
       .left = "01234567",
       .said =
           "2 records (280 bytes) could not be read, at offset 1120 and behind it; they are lost"},
      {.name = "cut between records",
       .edit = [](std::string& bytes) { bytes.resize(9 * kRecord); },
       .left = "012345678",
       .said =
           "1 record (140 bytes) could not be read, at offset 1260 and behind it; they are lost"},
      {.name = "bytes taken out",
       .edit = [](std::string& bytes) { bytes.erase(2 * kRecord + 5, 200); },
       .left = "01456789",
       .said =
           "2 records (280 bytes) could not be read, at offset 280 and behind it; they are lost"},
      {.name = "empty",
       .edit = [](std::string& bytes) { bytes.clear(); },
       .left = "",
       .said =
           "10 records (1400 bytes) could not be read, at offset 0 and behind it; they are lost"},
      {.name = "longer",
       .edit = [](std::string& bytes) { bytes += "more"; },
       .left = "0123456789",
       .said = ""},
  };
  for (const Harm& harm : harms) {
    INFO(harm.name);
    DamageFixture spool;
    spool.change(harm.edit);
    CHECK(spool.left() == harm.left);
    CHECK(spool.damage.records == 10 - harm.left.size());
    const std::string said = harm.said.empty() ? "" : spool.segment + ": " + harm.said;
    CHECK(spool.log.lines ==
          (said.empty() ? std::vector<std::string>{} : std::vector<std::string>{said}));
    CHECK(spool.left() == harm.left);  // and the same each time
  }
}

TEST_CASE_METHOD(DamageFixture, "a document that looks like a record is never taken for one") {
  std::string forged;
  encode({.index = 5, .group = 0, .key = "", .bytes = "forged"}, 4711, forged);
  {
    Spool spool = open();
    put(spool, forged + forged);
    put(spool, "last");
  }
  open();
  segment = files().at(2);
  change([](std::string& bytes) { bytes[3] = 'x'; });
  Spool spool = open();
  CHECK(spool.damage().records == 1);
  const Records records = read_all(spool);
  CHECK(records.size() == 11);
  CHECK(records.rbegin()->second == "last");
}

TEST_CASE_METHOD(SpoolFixture, "segments that are gone from the middle are missed") {
  Records written;
  for (const char* text : {"a", "b", "c", "d"}) {
    Spool spool = open();
    written[put(spool, text)] = text;
  }
  const std::vector<std::string> names = files();
  std::filesystem::remove(names.at(1));
  {
    Spool spool = open();
    CHECK(spool.damage().segments == 1);
    CHECK(read_all(spool).size() == 3);
  }
  std::filesystem::remove(names.at(2));
  log.lines.clear();
  CHECK(open().damage().segments == 2);
  const std::string later = std::filesystem::path(files().at(1)).filename();
  CHECK(log.lines == std::vector<std::string>{path() + ": 2 segments before " + later +
                                              " are not there; what they held is lost"});
}

TEST_CASE_METHOD(DamageFixture,
                 "the segment of a later version is refused, other files are not looked at") {
  write_file(path() + "/notes.txt", "x");
  open();
  const std::string later = path() + "/2-0000000000000009-0000000000000001.open";
  write_file(later, "x");
  CHECK(refused() ==
        corrupt(later + ": expected version 1, found another; use the version of docmill that "
                        "wrote it"));
}

struct Torn {
  const char* name;
  std::size_t record;  // of five of 50 bytes, the last three of them one group
  std::string left;
  std::uint64_t lost;
  std::uint64_t cut;
};

TEST_CASE("a last group of which a part is missing was not answered; what came before it was") {
  const std::vector<Torn> all = {
      {.name = "before it", .record = 1, .left = "0234", .lost = 1, .cut = 0},
      {.name = "its first", .record = 2, .left = "01", .lost = 0, .cut = 270},
      {.name = "in it", .record = 3, .left = "012", .lost = 0, .cut = 180},
      {.name = "its last", .record = 4, .left = "0123", .lost = 0, .cut = 90},
  };
  for (const Torn& torn : all) {
    INFO(torn.name);
    SpoolFixture fixture;
    {
      Spool spool = fixture.open();
      for (int i = 0; i < 5; ++i) {
        append(spool, std::string(50, static_cast<char>('0' + i)));
        if (i == 1) REQUIRE(spool.sync().ok());
      }
      REQUIRE(spool.sync().ok());
    }
    const std::string segment = fixture.files().front();
    std::string bytes = read_file(segment);
    bytes.replace(torn.record * 90, 90, 90, '\0');
    write_file(segment, bytes);
    Spool spool = fixture.open();
    std::string left;
    for (const auto& [number, text] : read_all(spool)) left += text[0];
    CHECK(left == torn.left);
    CHECK(spool.damage().records == torn.lost);
    CHECK(spool.damage().cut == torn.cut);
    if (torn.cut > 0) {
      CHECK(fixture.log.lines ==
            std::vector<std::string>{fmt::format(
                "{}: {} bytes at its end were not answered; they are cut off", segment, torn.cut)});
    }
  }
}

TEST_CASE_METHOD(DamageFixture, "a read that fails once loses nothing") {
  FaultyDisk disk;
  disk.fail_next(DiskCall::kRead, EIO);
  CHECK(left() == "0123456789");
  CHECK(damage.records == 0);
  Spool spool = open();
  disk.fail_next(DiskCall::kRead, EIO);
  CHECK(read_all(spool).size() == 10);
  CHECK(log.lines.empty());
}

TEST_CASE_METHOD(DamageFixture, "what the disk cannot read is lost, and ends nothing") {
  FaultyDisk disk;
  disk.fail_next(DiskCall::kRead, EIO, 2);
  CHECK(left() == "0123456789");  // lost at the start; then the disk got better
  CHECK(damage.records == 10);
  CHECK(log.lines == std::vector<std::string>{
                         segment + ": 10 records (1400 bytes) could not be read, at offset 0 and "
                                   "behind it; they are lost"});
  log.lines.clear();
  Spool spool = open();
  disk.fail_next(DiskCall::kRead, EIO, 2);
  CHECK(read_all(spool).empty());
  CHECK(log.lines == std::vector<std::string>{segment + ": 1400 bytes at offset 0 cannot be read "
                                                        "any more; they are lost"});
}

TEST_CASE(
    "thousand segments, cut or with a bit turned over: no wrong document, all losses counted") {
  const unsigned seed = 4;
  std::mt19937 random(seed);
  FaultyDisk disk;
  disk.skip_syncs();
  INFO("seed " << seed);
  int cut = 0;
  int turned = 0;
  for (int i = 0; i < 1000; ++i) {
    SpoolFixture fixture;
    Records written;
    {
      Spool spool = fixture.open();
      for (int record = 0; record < 20; ++record) {
        const std::string text(random() % 400, static_cast<char>('a' + record));
        written[append(spool, text, random() % 2 == 0 ? fmt::format("key {}", record) : "")] = text;
        if (random() % 4 == 0) REQUIRE(spool.sync().ok());
      }
      REQUIRE(spool.sync().ok());
    }
    fixture.open();
    const std::string segment = fixture.files().front();
    std::string bytes = read_file(segment);
    if (i % 2 == 0) {
      bytes.resize(bytes.size() - std::min<std::size_t>(1 + random() % 4096, bytes.size()));
      ++cut;
    } else {
      bytes[random() % bytes.size()] ^= static_cast<char>(1 << random() % 8);
      ++turned;
    }
    write_file(segment, bytes);
    for (int again = 0; again < 2; ++again) {
      Spool spool = fixture.open();
      std::size_t wrong = 0;
      const Records found = read_all(spool);
      for (const auto& [number, text] : found) {
        wrong += written.contains(number) && written[number] == text ? 0 : 1;
      }
      INFO(i << ": " << found.size() << " of " << written.size());
      CHECK(wrong == 0);
      CHECK(spool.damage().records > 0);
      CHECK(spool.damage().records == written.size() - found.size());
      CHECK(put(spool, "new") > written.rbegin()->first);
      written[spool.last()] = "new";
    }
  }
  CHECK((cut == 500 && turned == 500));
}

}  // namespace
}  // namespace docmill
