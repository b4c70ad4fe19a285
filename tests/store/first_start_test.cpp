// The first start of a daemon, which makes its state, on a disk that fills up at any of its calls.
#include <cerrno>

#include "shared/store/ledger_store.h"
#include "shared/store/producer_store.h"
#include "tests/support/catch.h"
#include "tests/support/disk/simulated_disk.h"

namespace docmill {
namespace {

using test::DiskCall;
using test::DiskModel;
using test::SimulatedDisk;

constexpr std::uint64_t kCalls = 300;  // more than any start makes

bool needs_room(const test::DiskOperation& operation) {
  return operation.call == DiskCall::kWrite || operation.call == DiskCall::kName ||
         operation.creates;
}

Result<void> start_producer(SimulatedDisk& disk) {
  auto folder = StateFolder::open(disk, "state", "p1");
  if (!folder) return folder.error();
  if (auto ours = folder->belong_to("books"); !ours) return ours;
  const auto store = ProducerStore::open(*folder);
  return store ? Result<void>() : store.error();
}

Result<void> start_sink(SimulatedDisk& disk, const std::string& database) {
  auto folder = StateFolder::open(disk, "state", "s1");
  if (!folder) return folder.error();
  if (auto ours = folder->belong_to("books"); !ours) return ours;
  auto store = LedgerStore::open(*folder, database);
  if (!store) return store.error();
  const auto file = store->open_file("out/s1.ndjson");
  return file ? Result<void>() : file.error();
}

// What a start needs room for, from that call on, until there is room again.
template <typename Start>
void check_that_it_waits(Start start) {
  std::uint64_t waited = 0;
  for (std::uint64_t full_from = 1; full_from < kCalls; ++full_from) {
    INFO("full from call " << full_from);
    DiskModel model;
    SimulatedDisk disk(model);
    disk.fault = [&](const test::DiskOperation& operation) {
      return disk.calls >= full_from && needs_room(operation) ? ENOSPC : 0;
    };
    for (int attempt = 0; attempt < 2; ++attempt) {
      const auto started = start(disk);
      if (started) break;
      INFO(started.error().text);
      CHECK(started.error().code == ErrorCode::kUnavailable);
      ++waited;
    }
    disk.fault = nullptr;
    const auto started = start(disk);
    INFO((started ? "" : started.error().text));
    CHECK(started);
  }
  CHECK(waited > 0);
}

TEST_CASE(
    "the first start of a producer waits for room, whatever was made when the disk was full") {
  check_that_it_waits(start_producer);
}

TEST_CASE("the first start of a sink waits for room, whatever was made when the disk was full") {
  for (const char* database : {"", "out/books.db"}) {
    INFO("ledger in '" << database << "'");
    check_that_it_waits([&](SimulatedDisk& disk) { return start_sink(disk, database); });
  }
}

}  // namespace
}  // namespace docmill
