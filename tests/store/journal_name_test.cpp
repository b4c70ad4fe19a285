// A shared database whose process cannot open the folder of its journal, then loses its power.
#include <sqlite3.h>

#include <cerrno>

#include "shared/store/ledger_store.h"
#include "tests/support/catch.h"
#include "tests/support/disk/simulated_disk.h"

namespace docmill {
namespace {

using test::DiskCall;
using test::DiskModel;
using test::SimulatedDisk;

constexpr const char* kDatabase = "out/books.db";

// Another program, which deletes its journal with each commit.
void write_with_another_program(SimulatedDisk& disk) {
  sqlite3* handle = nullptr;
  REQUIRE(sqlite3_open_v2(kDatabase, &handle, SQLITE_OPEN_READWRITE, disk.database_files()) ==
          SQLITE_OK);
  CHECK(sqlite3_exec(handle, "CREATE TABLE IF NOT EXISTS t (n); INSERT INTO t VALUES (1)", nullptr,
                     nullptr, nullptr) == SQLITE_OK);
  sqlite3_close(handle);
}

Result<void> commit(LedgerStore& store, std::uint64_t delivered) {
  LedgerFacts facts;
  facts.totals.delivered = delivered;
  return store.commit(facts, {});
}

struct Life {
  std::uint64_t acknowledged = 0;
  std::uint64_t refused = 0;  // commits that waited for a descriptor
};

// A few commits, during which no folder can be opened from the first-th call on, for so many calls.
Life live(DiskModel& model, bool has_neighbour, std::uint64_t first, std::uint64_t count) {
  SimulatedDisk disk(model);
  const auto folder = StateFolder::open(disk, "state", "s1");
  REQUIRE(folder);
  auto store = LedgerStore::open(*folder, kDatabase);
  REQUIRE(store);
  if (has_neighbour) write_with_another_program(disk);
  const std::uint64_t begin = disk.calls + first;
  disk.fault = [&disk, begin, count](const test::DiskOperation& operation) {
    const bool is_folder = operation.call == DiskCall::kOpen && operation.path == "out";
    return is_folder && disk.calls >= begin && disk.calls < begin + count ? EMFILE : 0;
  };
  Life life;
  for (int i = 0; i < 4; ++i) {
    const auto done = commit(*store, life.acknowledged + 1);
    if (done) ++life.acknowledged;
    if (!done) CHECK(done.error().code == ErrorCode::kUnavailable);
    life.refused += done ? 0 : 1;
  }
  disk.die();
  return life;
}

TEST_CASE(
    "a shared database keeps each acknowledged commit when its folder could not be opened and the "
    "power went") {
  std::uint64_t refused = 0;
  for (const bool has_neighbour : {false, true}) {
    for (std::uint64_t first = 1; first < 40; ++first) {
      for (std::uint64_t seed = 1; seed <= 8; ++seed) {
        DiskModel model;
        const Life life = live(model, has_neighbour, first, seed % 2 == 0 ? 1000 : 25);
        refused += life.refused;
        simulation::Dice dice(seed);
        model.cut_power(dice);
        SimulatedDisk disk(model);
        const auto folder = StateFolder::open(disk, "state", "s1");
        REQUIRE(folder);
        auto store = LedgerStore::open(*folder, kDatabase);
        INFO("from call " << first << ", seed " << seed << (has_neighbour ? ", neighbour" : ""));
        REQUIRE(store);
        const auto state = store->state();
        REQUIRE(state);
        CHECK(state->totals.delivered == life.acknowledged);
      }
    }
  }
  CHECK(refused > 0);
}

TEST_CASE("a commit in a steady shared database opens no folder of its own") {
  DiskModel model;
  SimulatedDisk disk(model);
  const auto folder = StateFolder::open(disk, "state", "s1");
  REQUIRE(folder);
  auto store = LedgerStore::open(*folder, kDatabase);
  REQUIRE(store);
  disk.fault = [](const test::DiskOperation& operation) {
    return operation.call == DiskCall::kOpen && operation.path == "out" ? EMFILE : 0;
  };
  for (std::uint64_t i = 1; i <= 3; ++i) CHECK(commit(*store, i));
}

}  // namespace
}  // namespace docmill
