// A disk that something else has filled to the last byte: the writes after which room is given back
// find room in the reserve of the state folder, and so does a start.
#include <fmt/format.h>

#include <functional>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "shared/store/ledger_store.h"
#include "shared/store/producer_store.h"
#include "tests/support/catch.h"
#include "tests/support/disk/simulated_disk.h"

namespace docmill::test {
namespace {

std::size_t reserve_of(const DiskModel& model) { return model.read("state/x1/reserve").size(); }

// A process and its state folder; it ends as by `kill -9`.
template <typename Store>
struct Process {
  explicit Process(DiskModel& model) : disk(model) {
    auto opened = StateFolder::open(disk, "state", "x1");
    REQUIRE(opened.ok());
    folder.emplace(std::move(*opened));
  }
  ~Process() { disk.die(); }

  Result<void> start() {
    auto opened = Store::open(*folder);
    if (!opened) return opened.error();
    store.emplace(std::move(*opened));
    return {};
  }

  SimulatedDisk disk;
  std::optional<StateFolder> folder;
  std::optional<Store> store;
};

void fill(DiskModel& model) { model.room = model.used(); }
void clear(DiskModel& model) { model.room = UINT64_MAX; }

ProducerFacts checkpoint(Sequence sequence) {
  ProducerFacts facts;
  facts.checkpoint = Checkpoint{sequence, std::string(sequence % 2000, 'p'), {}};
  return facts;
}

Result<void> append(ProducerStore& store, std::size_t count) {
  return store.append_source_rows("files", std::vector<std::string>(count, std::string(1000, 'r')));
}

LedgerFacts group(std::uint64_t number) {
  LedgerFacts facts;
  facts.totals.delivered = number;
  facts.marks.push_back({{"p1", 5}, {1, 9}, number, number});
  return facts;
}

SpoolMark position(std::uint64_t delivered) {
  return {"out", "http://a", {delivered, 0, 0, 0}, {}};
}

template <typename Store>
struct Write {
  const char* name;
  std::function<Result<void>(Store&)> run;
};

// A log that was folded at a start has no room of its own.
template <typename Store>
void check_that_it_uses_the_reserve(const Write<Store>& write) {
  INFO(write.name);
  DiskModel model;
  Process<Store> process(model);
  REQUIRE(process.start().ok());
  if constexpr (std::is_same_v<Store, ProducerStore>) REQUIRE(append(*process.store, 1).ok());
  fill(model);
  const auto without = write.run(*process.store);
  REQUIRE_FALSE(without.ok());
  CHECK(without.error().code == ErrorCode::kUnavailable);
  clear(model);
  process.folder->reserve().restore({});
  REQUIRE(reserve_of(model) == DiskReserve::kBytes);
  fill(model);
  CHECK(write.run(*process.store).ok());
  CHECK(reserve_of(model) < DiskReserve::kBytes);
}

TEST_CASE("each write of a producer's store has the room of the reserve on a full disk") {
  const std::vector<Write<ProducerStore>> writes = {
      {"a checkpoint", [](ProducerStore& store) { return store.commit(checkpoint(1)); }},
      {"files that were found", [](ProducerStore& store) { return append(store, 20); }},
      {"files that are done",
       [](ProducerStore& store) {
         return store.rewrite_source_rows("files", {{0, std::string(1000, 'd')}});
       }},
      {"a source that is given up",
       [](ProducerStore& store) {
         return store.give_up(checkpoint(1), {1, 2, 3, "a.xml"});
       }},
      {"a sink that is forgotten",
       [](ProducerStore& store) {
         return store.replace_sinks({}, LostDocuments{"s1", 2, true});
       }},
  };
  for (const auto& write : writes) check_that_it_uses_the_reserve(write);
}

TEST_CASE("each write of a ledger has the room of the reserve on a full disk") {
  const std::vector<Write<LedgerStore>> writes = {
      {"a group", [](LedgerStore& store) { return store.commit(group(1), {}); }},
      {"documents that a server has refused",
       [](LedgerStore& store) {
         return store.put({FileMark{"out/s1.dead", 5}}, [&store](Transaction& transaction) {
           store.put_spool(transaction, position(1));
         });
       }},
      {"the position of a spool", [](LedgerStore& store) { return store.put_spool(position(1)); }},
      {"the next segment",
       [](LedgerStore& store) {
         return store.begin_segment({"out/1", "out", "json", "none", "", false}, "");
       }},
  };
  for (const auto& write : writes) check_that_it_uses_the_reserve(write);
}

TEST_CASE("a full disk has room for every commit after one that used the reserve") {
  DiskModel model;
  Process<ProducerStore> process(model);
  REQUIRE(process.start().ok());
  process.folder->reserve().restore({});
  fill(model);
  for (Sequence sequence = 1; sequence < 200; ++sequence) {
    INFO(sequence);
    REQUIRE(process.store->commit(checkpoint(2000 + sequence % 7)).ok());
    fill(model);  // something else takes the rest of the reserve
  }
}

// The log of the first process is not folded: its pages need room in the file.
template <typename Store>
void check_a_restart(const std::function<Result<void>(Store&, std::uint64_t)>& commit) {
  DiskModel model;
  {
    Process<Store> process(model);
    REQUIRE(process.start().ok());
    for (std::uint64_t i = 1; i <= 200; ++i) REQUIRE(commit(*process.store, i).ok());
    process.folder->reserve().restore({});
  }
  fill(model);
  {
    Process<Store> process(model);
    INFO("with the reserve");
    CHECK(process.start().ok());
    CHECK(reserve_of(model) < DiskReserve::kBytes);
  }
}

TEST_CASE("a producer that was killed on a full disk starts with the room of the reserve") {
  check_a_restart<ProducerStore>(
      [](ProducerStore& store, std::uint64_t) { return append(store, 5); });
}

TEST_CASE("a sink that was killed on a full disk starts with the room of the reserve") {
  check_a_restart<LedgerStore>([](LedgerStore& store, std::uint64_t number) {
    return store.put(
        {FileMark{fmt::format("out/{}", std::string(500 + number % 50, 'n')), number}});
  });
}

TEST_CASE("a log of new pages is folded while the reserve has room for them") {
  DiskModel model;
  Process<ProducerStore> process(model);
  REQUIRE(process.start().ok());
  process.folder->reserve().restore({});
  for (int i = 0; i < 150; ++i) REQUIRE(append(*process.store, 5).ok());
  fill(model);
  // The fold before it needs the room of all new pages.
  CHECK(append(*process.store, 20).ok());
}

}  // namespace
}  // namespace docmill::test
