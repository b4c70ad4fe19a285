// A database whose process has no descriptor left at one call, then loses its power.
#include <cerrno>

#include "shared/store/producer_store.h"
#include "tests/support/catch.h"
#include "tests/support/disk/simulated_disk.h"

namespace docmill {
namespace {

using test::DiskCall;
using test::DiskModel;
using test::SimulatedDisk;

// The epoch of the store after its power was cut; the disk refused to open anything at one call of
// the first start.
std::uint64_t epoch_after(std::uint64_t refused_call, std::uint64_t seed, bool& opened) {
  DiskModel files;
  {
    SimulatedDisk disk(files);
    disk.fault = [&](const test::DiskOperation& operation) {
      return disk.calls == refused_call && operation.call == DiskCall::kOpen ? EMFILE : 0;
    };
    const auto folder = StateFolder::open(disk, "state", "p1");
    const auto store = folder ? ProducerStore::open(*folder, {.epoch = 7, .nonce = 8})
                              : Result<ProducerStore>(folder.error());
    opened = store.ok();
    disk.die();
  }
  simulation::Dice dice(seed);
  files.cut_power(dice);
  SimulatedDisk disk(files);
  const auto folder = StateFolder::open(disk, "state", "p1");
  REQUIRE(folder);
  auto store = ProducerStore::open(*folder, {.epoch = 9, .nonce = 10});
  REQUIRE(store);
  const auto state = store->state();
  REQUIRE(state);
  return state->lineage.epoch;
}

TEST_CASE(
    "a store that could be opened keeps its epoch when descriptors ran out and the power went") {
  int openings = 0;
  for (std::uint64_t call = 1; call < 120; ++call) {
    for (std::uint64_t seed = 1; seed <= 8; ++seed) {
      bool opened = false;
      const std::uint64_t epoch = epoch_after(call, seed, opened);
      INFO("refused call " << call << ", seed " << seed);
      if (opened) CHECK(epoch == 7);
      openings += opened;
    }
  }
  CHECK(openings > 0);
}

}  // namespace
}  // namespace docmill
