#include "shared/store/producer_store.h"

#include <fmt/format.h>

#include <filesystem>
#include <map>
#include <random>
#include <set>

#include "tests/store/faulty_disk.h"
#include "tests/store/print.h"
#include "tests/store/temp_folder.h"
#include "tests/support/real_disk.h"

namespace docmill {
namespace {

// A producer's store in a state folder of its own.
struct Opened {
  StateFolder folder;
  ProducerStore store;
};

Opened open(const TempFolder& folder, const std::string& name = "p1") {
  auto locked = StateFolder::open(real_disk(), folder.path(), name);
  REQUIRE(locked.ok());
  auto store = ProducerStore::open(*locked);
  REQUIRE(store.ok());
  return {std::move(*locked), std::move(*store)};
}

ProducerState state_of(ProducerStore& store) {
  const auto state = store.state();
  REQUIRE(state.ok());
  return *state;
}

TEST_CASE("a new store has an epoch of its own and nothing else") {
  const TempFolder folder;
  Opened p1 = open(folder);
  Opened p2 = open(folder, "p2");
  const ProducerState first = state_of(p1.store);
  const ProducerState second = state_of(p2.store);
  CHECK(first.lineage.producer == "p1");
  CHECK(second.lineage.producer == "p2");
  CHECK(first.lineage.epoch != second.lineage.epoch);
  CHECK(first.run.counter == 1);
  CHECK(first.run.nonce != second.run.nonce);
  ProducerState empty;
  empty.lineage = first.lineage;
  empty.run = first.run;
  CHECK((first == empty));
}

TEST_CASE("each start is a new run of the same epoch") {
  const TempFolder folder;
  std::set<std::uint64_t> epochs;
  std::set<std::uint64_t> nonces;
  for (std::uint32_t run = 1; run <= 5; ++run) {
    Opened opened = open(folder);
    const ProducerState state = state_of(opened.store);
    CHECK(state.run.counter == run);
    epochs.insert(state.lineage.epoch);
    nonces.insert(state.run.nonce);
  }
  CHECK(epochs.size() == 1);
  CHECK(nonces.size() == 5);
}

TEST_CASE("a store takes the epoch that it is given once, and the nonce at each start") {
  const TempFolder folder;
  for (std::uint64_t start = 1; start <= 2; ++start) {
    auto locked = StateFolder::open(real_disk(), folder.path(), "p1");
    REQUIRE(locked.ok());
    auto store = ProducerStore::open(*locked, {.epoch = 40 + start, .nonce = 90 + start});
    REQUIRE(store.ok());
    CHECK(state_of(*store).lineage.epoch == 41);
    CHECK(state_of(*store).run.nonce == 90 + start);
  }
}

// Facts as a producer might commit them, and some that only a mistaken one would.
class RandomFacts {
 public:
  explicit RandomFacts(unsigned seed) : random_(seed) {}

  ProducerFacts next() {
    ProducerFacts facts;
    if (below(3) == 0) facts.reserved = reserved_ += below(64);
    for (auto cuts = below(3); cuts > 0; --cuts) {
      facts.cuts.push_back({checkpoint_ + below(40), {number(below(9)), below(2) == 0}});
    }
    for (auto plans = below(8) == 0 ? below(3) : 0; plans > 0; --plans) {
      facts.plans.push_back({checkpoint_ + below(60), plan()});
    }
    if (below(4) == 0) {
      checkpoint_ += below(20);
      facts.checkpoint =
          Checkpoint{checkpoint_, std::string(below(50), '\0'), {random_(), below(9), checkpoint_}};
    }
    if (below(5) == 0) {
      facts.ledgers.push_back({fmt::format("s{}", below(3)),
                               {{random_(), {random_(), random_()}, random_()}, random_()}});
    }
    return facts;
  }
  std::uint64_t below(std::uint64_t limit) { return random_() % limit; }

 private:
  static std::uint32_t number(std::uint64_t value) { return static_cast<std::uint32_t>(value); }
  Plan plan() {
    Plan plan{.limits = {number(below(1000)), Bytes{random_()}},
              .sinks = {"s0"},
              .keyed = below(2) == 1,
              .processors = random_(),
              .definition = std::string(below(9), 'p'),
              .source_text = std::string(below(9), 's'),
              .left = {{"files ", std::string(below(9), 'l')}}};
    for (auto sinks = below(4); sinks > 0; --sinks) plan.sinks.push_back(fmt::format("s{}", sinks));
    return plan;
  }

  std::mt19937_64 random_;
  Sequence reserved_ = 0;
  Sequence checkpoint_ = 0;
};

TEST_CASE("what is read is what apply makes of all that was committed") {
  for (unsigned seed = 0; seed < 20; ++seed) {
    INFO("seed " << seed);
    const TempFolder folder;
    FaultyDisk disk;
    disk.skip_syncs();
    RandomFacts random(seed);
    std::optional<Opened> opened = open(folder);
    ProducerState expected = state_of(opened->store);
    for (int commit = 0; commit < 100; ++commit) {
      if (random.below(10) == 0) {
        opened.reset();
        opened.emplace(open(folder));
        expected.run = state_of(opened->store).run;
      }
      const ProducerFacts facts = random.next();
      REQUIRE(opened->store.commit(facts).ok());
      apply(facts, expected);
      REQUIRE((state_of(opened->store) == expected));
    }
  }
}

TEST_CASE("facts that find no room on the disk have changed nothing") {
  const TempFolder folder;
  Opened opened = open(folder);
  const ProducerState before = state_of(opened.store);
  ProducerFacts facts;
  facts.reserved = 64;
  facts.cuts = {{1, {3, true}}};
  FaultyDisk disk;
  disk.fail_next(DiskCall::kWrite, ENOSPC);
  const auto full = opened.store.commit(facts);
  REQUIRE_FALSE(full.ok());
  CHECK(full.error() ==
        unavailable(folder / "p1/producer.db" + ": write: no space left on device"));
  CHECK((state_of(opened.store) == before));
  REQUIRE(opened.store.commit(facts).ok());
  CHECK(state_of(opened.store).reserved == 64);
}

TEST_CASE("the rows of a source come back in their order, byte for byte") {
  const TempFolder folder;
  std::map<std::uint64_t, std::string> expected;
  for (std::uint64_t start = 0; start < 3; ++start) {
    Opened opened = open(folder);
    CHECK(opened.store.source_rows("lines ").value() == expected);
    const std::vector<std::string> rows = {fmt::format("z{}.xml", start), "",
                                           std::string("a\0\xff", 3)};
    REQUIRE(opened.store.append_source_rows("lines ", rows).ok());
    REQUIRE(opened.store.append_source_rows("lines ", {"last"}).ok());
    for (std::uint64_t i = 0; i < 3; ++i) expected[start * 4 + i] = rows[i];
    expected[start * 4 + 3] = "last";
    CHECK(opened.store.source_rows("lines ").value() == expected);
  }
}

TEST_CASE("a forgotten row of a source is gone, and its number is not given again") {
  using Rows = std::map<std::uint64_t, std::string>;
  const TempFolder folder;
  {
    Opened opened = open(folder);
    REQUIRE(opened.store.append_source_rows("lines ", {"a", "b", "c", "d"}).ok());
    REQUIRE(opened.store.rewrite_source_rows("lines ", {{1, "B"}, {0, ""}}).ok());
    CHECK(opened.store.source_rows("lines ").value() ==
          Rows{{0, ""}, {1, "B"}, {2, "c"}, {3, "d"}});
    FaultyDisk disk;
    disk.fail_next(DiskCall::kWrite, ENOSPC);
    REQUIRE_FALSE(opened.store.rewrite_source_rows("lines ", {{2, ""}, {3, ""}}).ok());
    CHECK(opened.store.source_rows("lines ").value() ==
          Rows{{0, ""}, {1, "B"}, {2, "c"}, {3, "d"}});
    REQUIRE(opened.store.rewrite_source_rows("lines ", {{2, ""}, {3, ""}}).ok());
  }
  Opened opened = open(folder);
  CHECK(opened.store.source_rows("lines ").value() == Rows{{1, "B"}, {3, ""}});
  REQUIRE(opened.store.append_source_rows("lines ", {"e"}).ok());
  REQUIRE(opened.store.rewrite_source_rows("lines ", {{1, ""}}).ok());
  REQUIRE(opened.store.rewrite_source_rows("lines ", {{4, ""}}).ok());
  CHECK(opened.store.source_rows("lines ").value() == Rows{{4, ""}});
}

TEST_CASE("a folder that was given another name is refused") {
  const TempFolder folder;
  static_cast<void>(open(folder, "p1"));
  std::filesystem::rename(folder / "p1", folder / "p2");
  const auto locked = StateFolder::open(real_disk(), folder.path(), "p2");
  REQUIRE(locked.ok());
  const auto store = ProducerStore::open(*locked);
  REQUIRE_FALSE(store.ok());
  CHECK(store.error() == config_error(folder / "p2/producer.db" +
                                      ": expected the state of producer 'p2', found that of 'p1'; "
                                      "rename the folder back, or start over with --fresh"));
}

TEST_CASE("a damaged store is refused") {
  const TempFolder folder;
  static_cast<void>(open(folder));
  write_file(folder / "p1/producer.db", "garbage");
  const auto locked = StateFolder::open(real_disk(), folder.path(), "p1");
  REQUIRE(locked.ok());
  const auto store = ProducerStore::open(*locked);
  REQUIRE_FALSE(store.ok());
  CHECK(store.error() ==
        corrupt(folder / "p1/producer.db" +
                ": damaged: file is not a database; check the disk, then start over with --fresh"));
}

TEST_CASE("what was given up is kept with the state that follows, in the order of the decisions") {
  const TempFolder folder;
  const std::vector<GivenUp> decided = {{3, 7, 2048, "in/a.ndjson from record 58 on"},
                                        {8, 7, 0, "in/b.ndjson from record 2 on"}};
  {
    Opened p1 = open(folder);
    ProducerFacts facts;
    facts.reserved = 7;
    facts.cuts = {{5, {10, true}}};
    REQUIRE(p1.store.commit(facts).ok());
    CHECK(p1.store.given_up()->empty());
    facts = {};
    facts.checkpoint = Checkpoint{7, "lines 1 2 0 0 0", {1, 2, 3}};
    for (const GivenUp& one : decided) REQUIRE(p1.store.give_up(facts, one).ok());
  }
  Opened p1 = open(folder);
  CHECK((*p1.store.given_up() == decided));
  const ProducerState state = state_of(p1.store);
  CHECK(state.checkpoint.sequence == 7);
  CHECK(state.checkpoint.position == "lines 1 2 0 0 0");
  CHECK(state.cuts.empty());
}

}  // namespace
}  // namespace docmill
