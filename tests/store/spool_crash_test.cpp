// The process, or the machine, dies at each single call of a spool to the disk.
#include <fmt/format.h>

#include "shared/store/spool.h"
#include "tests/store/faulty_disk.h"
#include "tests/store/spool_fixture.h"
#include "tests/support/real_disk.h"

namespace docmill {
namespace {

struct Disaster {
  const char* name;
  Loss loss;
  unsigned seeds;
};

// Four groups, a restart, four more; keys, several segments, some of them settled.
constexpr int kGroups = 8;
std::string text_of(int group, int record) {
  return fmt::format("{}/{} {}", group, record,
                     std::string(static_cast<std::size_t>(group) * 17, 'x'));
}

TEST_CASE("a spool holds what was answered, whatever call to the disk was the last") {
  const std::vector<Disaster> disasters = {
      {.name = "kill", .loss = Loss::kNothing, .seeds = 1},
      {.name = "power cut, all unsynced writes lost", .loss = Loss::kUnsynced, .seeds = 1},
      {.name = "power cut, some unsynced writes lost or torn", .loss = Loss::kSome, .seeds = 8},
  };
  SpoolLimits limits{.bytes = Bytes{1 << 20}, .segment = Bytes{400}};
  int calls = 0;
  for (const Disaster& disaster : disasters) {
    for (unsigned seed = 0; seed < disaster.seeds; ++seed) {
      for (int call = 1;; ++call) {
        const TempFolder folder("/dev/shm");
        const std::filesystem::path path = folder.path() / "spool";
        const Ended ended = crash_at(call, disaster.loss, seed, [&](const auto& acknowledge) {
          KeptLines log;
          for (const int begin : {0, kGroups / 2}) {
            auto spool = Spool::open(real_disk(), path, limits, log);
            REQUIRE(spool.ok());
            for (int group = begin; group < begin + kGroups / 2; ++group) {
              for (int record = 0; record < 3; ++record) append(*spool, text_of(group, record));
              REQUIRE(spool->sync().ok());
              acknowledge();
            }
          }
        });
        ++calls;
        FaultyDisk disk;
        disk.skip_syncs();
        KeptLines log;
        INFO(disaster.name << ", seed " << seed << ", call " << call << ", acknowledged "
                           << ended.acknowledged);
        auto spool = Spool::open(real_disk(), path, limits, log);
        REQUIRE(spool.ok());
        // In order, from the first one, at least all that was answered, at most one group more.
        int count = 0;
        bool right = true;
        for (const auto& [number, bytes] : read_all(*spool)) {
          right = right && bytes == text_of(count / 3, count % 3);
          ++count;
        }
        CHECK(right);
        CHECK(count >= 3 * ended.acknowledged);
        CHECK(count <= 3 * (ended.acknowledged + 1));
        CHECK(spool->damage().records == 0);
        CHECK(spool->damage().segments == 0);
        const std::uint64_t before = spool->last();
        CHECK(put(*spool, "new") > before);
        if (!ended.crashed) break;
      }
    }
  }
  CHECK(calls > 200);
}

}  // namespace
}  // namespace docmill
