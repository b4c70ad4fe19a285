#include "shared/store/ledger_store.h"

#include <fmt/format.h>

#include <random>

#include "shared/store/ledger_place.h"
#include "tests/store/faulty_disk.h"
#include "tests/store/print.h"
#include "tests/store/temp_folder.h"
#include "tests/support/real_disk.h"

namespace docmill {
namespace {

struct Opened {
  StateFolder folder;
  LedgerStore ledger;
};

Opened open(const TempFolder& folder, const std::string& name = "s1") {
  auto locked = StateFolder::open(real_disk(), folder.path(), name);
  REQUIRE(locked.ok());
  auto ledger = LedgerStore::open(*locked);
  REQUIRE(ledger.ok());
  return {std::move(*locked), std::move(*ledger)};
}

LedgerState state_of(LedgerStore& ledger) {
  const auto state = ledger.state();
  REQUIRE(state.ok());
  return *state;
}

LedgerState state_of_reopened(const TempFolder& folder, const std::string& name = "s1") {
  Opened opened = open(folder, name);
  return state_of(opened.ledger);
}

TEST_CASE("a ledger has an id of its own for its life") {
  const TempFolder folder;
  const std::uint64_t id = state_of_reopened(folder).id;
  CHECK(id != 0);
  CHECK((state_of_reopened(folder) ==
         LedgerState{.id = id, .lives = {}, .lineages = {}, .totals = {}}));
  CHECK(state_of_reopened(folder, "s2").id != id);
}

// Facts of few producers and sequences, so that rows meet: replaced, colliding, below a watermark.
LedgerFacts random_facts(std::mt19937_64& random) {
  const auto below = [&](std::uint64_t limit) { return random() % limit; };
  const auto small = [&](std::uint64_t limit) { return static_cast<std::uint32_t>(below(limit)); };
  const auto lineage = [&] { return Lineage{fmt::format("p{}", below(2)), ~below(2)}; };
  LedgerFacts facts;
  for (auto rows = below(6); rows > 0; --rows) {
    LedgerFacts::Row row{lineage(), below(50), {~below(3), 310 + small(300), {}}};
    for (auto spans = below(4); spans > 0; --spans) {
      const std::uint32_t begin = small(300);
      row.entry.settled.add({begin, begin + 1 + small(9), static_cast<Outcome>(below(kOutcomes))});
    }
    facts.rows.push_back(std::move(row));
  }
  if (below(4) == 0) facts.marks.push_back({lineage(), {small(9), random()}, below(40), random()});
  if (below(9) == 0) facts.closed.push_back(lineage());
  facts.totals = {random(), below(9), below(9), below(9), below(9), below(9)};
  return facts;
}

TEST_CASE("what is read is what apply makes of all that the sink committed") {
  for (unsigned seed = 0; seed < 20; ++seed) {
    INFO("seed " << seed);
    const TempFolder folder;
    FaultyDisk disk;
    disk.skip_syncs();
    std::mt19937_64 random(seed);
    std::optional<Opened> opened = open(folder);
    LedgerState expected = state_of(opened->ledger);
    std::vector<FileMark> marks = {{"dead", 0}, {"out", 0}};
    for (int commit = 0; commit < 100; ++commit) {
      if (random() % 10 == 0) {
        opened.reset();
        opened.emplace(open(folder));
      }
      LedgerFacts facts = random_facts(random);
      facts.commit = expected.commits + 1;
      if (random() % 10 == 0) facts.life = Life{random(), facts.commit};
      marks[random() % 2].length += random() % 100;
      REQUIRE(opened->ledger.commit(facts, marks).ok());
      apply(facts, expected);
      REQUIRE((state_of(opened->ledger) == expected));
      REQUIRE(opened->ledger.marks().value() == marks);
    }
  }
}

TEST_CASE("a ledger keeps its newest lives and forgets the others, as apply does") {
  const TempFolder folder;
  FaultyDisk disk;
  disk.skip_syncs();
  Opened opened = open(folder);
  LedgerState expected = state_of(opened.ledger);
  for (std::uint64_t commit = 1; commit <= kMaxLives + 3; ++commit) {
    LedgerFacts facts;
    facts.commit = commit;
    facts.life = Life{~commit, commit};
    REQUIRE(opened.ledger.commit(facts, {}).ok());
    apply(facts, expected);
  }
  CHECK(expected.lives.size() == kMaxLives);
  CHECK((state_of(opened.ledger) == expected));
}

TEST_CASE("the id of a ledger can be read while its sink has it") {
  const TempFolder folder;
  CHECK(LedgerPlace(real_disk(), folder.path() / "s1").id() == 0);
  Opened opened = open(folder);
  CHECK(LedgerPlace(real_disk(), folder.path() / "s1").id() == state_of(opened.ledger).id);
}

TEST_CASE("a file is in the ledger before its first byte") {
  const TempFolder folder;
  const std::string path = folder / "out.ndjson";
  {
    Opened opened = open(folder);
    auto file = opened.ledger.open_file(path);
    REQUIRE(file.ok());
    CHECK(opened.ledger.marks().value() == std::vector<FileMark>{{path, 0}});
    file->append("written, not committed");
    REQUIRE(file->sync().ok());
  }
  Opened opened = open(folder);
  auto file = opened.ledger.open_file(path);
  REQUIRE(file.ok());
  CHECK(file->uncommitted() == 22);
  REQUIRE(file->cut_back().ok());
  CHECK(read_file(path).empty());
}

TEST_CASE("a file that another ledger wrote is refused") {
  const TempFolder folder;
  const std::string path = folder / "out.ndjson";
  {
    Opened opened = open(folder);
    auto file = opened.ledger.open_file(path);
    REQUIRE(file.ok());
    file->append("12345");
    REQUIRE(file->sync().ok());
    REQUIRE(opened.ledger.commit({}, {file->mark()}).ok());
  }
  CHECK(open(folder).ledger.open_file(path)->length() == 5);
  Opened other = open(folder, "s2");
  const auto file = other.ledger.open_file(path);
  REQUIRE_FALSE(file.ok());
  CHECK(file.error() == corrupt(path + ": 5 bytes that this sink's ledger does not know; put back "
                                       "the state folder that it belongs to, or move it away"));
  CHECK(other.ledger.marks()->empty());
}

TEST_CASE("a commit that finds no room on the disk has changed nothing") {
  const TempFolder folder;
  Opened opened = open(folder);
  const LedgerState before = state_of(opened.ledger);
  LedgerFacts facts;
  facts.rows = {{{"p1", 1}, 1, {5, 1, {}}}};
  facts.totals.delivered = 1;
  FaultyDisk disk;
  disk.fail_next(DiskCall::kWrite, ENOSPC);
  const auto full = opened.ledger.commit(facts, {{"out", 9}});
  REQUIRE_FALSE(full.ok());
  CHECK(full.error() == unavailable(folder / "s1/ledger.db" + ": write: no space left on device"));
  CHECK((state_of(opened.ledger) == before));
  CHECK(opened.ledger.marks()->empty());
  REQUIRE(opened.ledger.commit(facts, {{"out", 9}}).ok());
  CHECK(state_of(opened.ledger).totals.delivered == 1);
}

struct BadSettled {
  const char* name;
  std::string bytes;
};
const std::vector<BadSettled> kBadSettled = {
    {.name = "cut", .bytes = std::string("\0\0\0\0\1\0\0\0", 8)},
    {.name = "empty span", .bytes = std::string("\1\0\0\0\1\0\0\0\0", 9)},
    {.name = "unknown outcome", .bytes = std::string("\0\0\0\0\1\0\0\0\4", 9)},
    {.name = "beyond the batch", .bytes = std::string("\2\0\0\0\4\0\0\0\0", 9)},
    {.name = "overlap", .bytes = std::string("\0\0\0\0\2\0\0\0\0\1\0\0\0\3\0\0\0\1", 18)},
};

TEST_CASE("a spool is in the commit that settles what was spilled, or in none") {
  const TempFolder folder;
  std::optional<Opened> opened = open(folder);
  CHECK(opened->ledger.spools()->empty());
  const SpoolMark first{"http-1", "http://a/", {1, 2, 3, 4}, {{5, 6}, {8, 8}}};
  const SpoolMark second{"http-2", "http://b/", {0, 0, 0, ~0ULL}, {}};
  REQUIRE(opened->ledger.put_spool(second).ok());
  const auto commit = [&](const SpoolMark& mark, bool fails) {
    return opened->ledger.commit({}, {}, [&](Transaction& transaction) {
      opened->ledger.put_spool(transaction, mark);
      if (fails) transaction.fail(unavailable("full"));
    });
  };
  REQUIRE(commit(first, false).ok());
  SpoolMark rolled_back = first;
  rolled_back.waiting.clear();
  CHECK(commit(rolled_back, true).error() == unavailable("full"));
  opened.reset();
  opened.emplace(open(folder));
  CHECK(*opened->ledger.spools() == std::vector<SpoolMark>{first, second});
}

TEST_CASE("ranges of a spool that contradict one another are refused") {
  const std::vector<std::vector<SpoolRange>> wrong = {
      {{0, 1}}, {{5, 4}}, {{5, 8}, {8, 9}}, {{5, 8}, {2, 3}}};
  for (const std::vector<SpoolRange>& ranges : wrong) {
    const TempFolder folder;
    Opened opened = open(folder);
    REQUIRE(opened.ledger.put_spool(SpoolMark{"http-1", "http://a/", {}, ranges}).ok());
    CHECK(opened.ledger.spools().error() ==
          corrupt(folder / "s1/ledger.db" +
                  ": damaged: the documents that wait in http-1; check the disk, then start over "
                  "with --fresh"));
  }
}

// Puts an entry past the store, by the format that docs/stores.md has.
void put_settled(const std::string& path, const std::string& bytes) {
  constexpr DatabaseFormat kFormat{
      .kind = "", .application = 0x646d6c65, .version = 3, .tables = ""};
  auto database = Database::open(real_disk(), path, kFormat);
  REQUIRE(database.ok());
  const auto put = database->transaction([&](Transaction& transaction) {
    transaction.run("INSERT INTO entries VALUES ('p1', 1, 12, 5, 0, 3, ?)", {Blob{bytes}});
  });
  REQUIRE(put.ok());
}

TEST_CASE("settled documents that contradict themselves are refused") {
  for (const BadSettled& row : kBadSettled) {
    INFO(row.name);
    const TempFolder folder;
    static_cast<void>(open(folder));
    put_settled(folder / "s1/ledger.db", row.bytes);
    Opened opened = open(folder);
    const auto state = opened.ledger.state();
    REQUIRE_FALSE(state.ok());
    CHECK(state.error() == corrupt(folder / "s1/ledger.db" +
                                   ": damaged: the settled documents of p1 12; check the disk, "
                                   "then start over with --fresh"));
  }
}

}  // namespace
}  // namespace docmill
