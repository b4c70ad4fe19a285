// The disk of the state folder is full to the last byte: a followed file gives back the room of
// settled lines all the same.
#include "shared/store/disk_reserve.h"
#include "tests/producer/follow_fixture.h"
#include "tests/producer/renaming_disk.h"

namespace docmill::test {
namespace {

// While it is full, writes find room only when the reserve is gone.
class CrowdedDisk final : public RenamingDisk {
 public:
  explicit CrowdedDisk(std::string reserve) : reserve_(std::move(reserve)) {}

  bool is_full = false;

  ssize_t write(int file, std::string_view bytes, std::uint64_t offset) override {
    if (!is_full || !std::filesystem::exists(reserve_)) {
      return RenamingDisk::write(file, bytes, offset);
    }
    errno = ENOSPC;
    return -1;
  }

 private:
  std::string reserve_;
};

struct FullDiskFixture : FollowFixture {
  FullDiskFixture() { reserve.restore(clock.now()); }

  std::unique_ptr<Source> follow_on(const std::string& position = "") {
    SourceContext from = context(position);
    from.disk = &disk;
    from.reserve = &reserve;
    Findings findings;
    const Place place(findings, "settings");
    auto source = follow_source().open(
        follow_source().schema.parse(*parse_yaml("path: " + path("a.log"), place), place), from);
    INFO((source ? "" : source.error().text));
    REQUIRE(source.ok());
    return std::move(*source);
  }
  bool has_reserve() const { return std::filesystem::exists(path("reserve")); }
  std::uintmax_t spool_bytes() const {
    std::uintmax_t bytes = 0;
    for (const auto& one : std::filesystem::directory_iterator(path("spool"))) {
      bytes += one.file_size();
    }
    return bytes;
  }
  std::string saved() const {
    std::ifstream file(path("follow.position"));
    return {std::istreambuf_iterator<char>(file), {}};
  }

  CrowdedDisk disk{path("reserve")};
  DiskReserve reserve{disk, folder};
};

TEST_CASE_METHOD(FullDiskFixture, "settled lines give their room back on a full disk") {
  const std::string line(600'000, 'x');
  append(line + "\n");
  auto source = follow_on();
  REQUIRE((seen_now(*source) == "^ " + line + " ~"));
  append(line + "\n");
  REQUIRE((seen_now(*source) == line + " ~"));
  REQUIRE(spool_bytes() > 1'200'000);
  append("2\n");
  CHECK(seen_now(*source) == "2 ~");
  disk.is_full = true;
  REQUIRE(source->settled(source->position()).ok());
  CHECK(spool_bytes() < 1000);
  CHECK_FALSE(has_reserve());
}

TEST_CASE_METHOD(FullDiskFixture,
                 "the reserve is kept until settled lines have room to give back") {
  const std::string head(300, 'h');  // a file with less is saved when it grows
  append(head + "\n");
  auto source = follow_on();
  CHECK(seen_now(*source) == "^ " + head + " ~");
  append("1\n2\n");
  std::vector<std::string> positions;
  clock.time += std::chrono::milliseconds(200);
  REQUIRE(source->serve().ok());
  REQUIRE(outline(read_all(*source, &positions)) == "1 2 ~");
  disk.is_full = true;
  const std::string before = saved();
  REQUIRE(positions.size() == 2);
  REQUIRE(source->settled(positions[0]).ok());
  CHECK(has_reserve());
  CHECK(saved() == before);
  REQUIRE(source->settled(positions[1]).ok());
  CHECK_FALSE(has_reserve());
  CHECK(saved() != before);
}

}  // namespace
}  // namespace docmill::test
