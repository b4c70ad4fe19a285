// The process, or the machine, dies at each single call to the disk. What was acknowledged must be
// there afterwards, and nothing may be there in part.
#include <fmt/format.h>

#include <filesystem>

#include "shared/store/ledger_store.h"
#include "shared/store/producer_store.h"
#include "tests/store/faulty_disk.h"
#include "tests/store/temp_folder.h"
#include "tests/support/real_disk.h"

namespace docmill {
namespace {

struct Disaster {
  const char* name;
  Loss loss;
  unsigned seeds;
};
const std::vector<Disaster> kDisasters = {
    {.name = "kill", .loss = Loss::kNothing, .seeds = 1},
    {.name = "power cut, all unsynced writes lost", .loss = Loss::kUnsynced, .seeds = 1},
    {.name = "power cut, some unsynced writes lost or torn", .loss = Loss::kSome, .seeds = 2},
};

// Syncs are pretended here, so memory is as good a disk, and several times faster.
std::filesystem::path fast_disk() {
  const std::filesystem::path memory = "/dev/shm";
  return std::filesystem::is_directory(memory) ? memory : std::filesystem::temp_directory_path();
}

// Tries every call until the work comes to its end. Returns how many there were.
template <typename Work, typename Check>
int at_every_call(const Disaster& disaster, unsigned seed, Work work, Check check) {
  for (int call = 1;; ++call) {
    const TempFolder folder(fast_disk());
    const Ended ended = crash_at(call, disaster.loss, seed,
                                 [&](const auto& acknowledge) { work(folder, acknowledge); });
    FaultyDisk disk;
    disk.skip_syncs();
    INFO(disaster.name << ", seed " << seed << ", call " << call);
    check(folder, ended);
    if (!ended.crashed) return call;
  }
}

template <typename Value>
Value must(Result<Value> result) {
  if (!result.ok()) FAIL(result.error().text);
  return std::move(*result);
}
void must(const Result<void>& result) {
  if (!result.ok()) FAIL(result.error().text);
}

Plan plan(const std::string& source, std::vector<std::string> sinks) {
  return {{16, Bytes{4096}}, std::move(sinks), false, 7, "to_json: {}", source, {}};
}

// What each commit brings. The second half is committed after a restart.
const std::vector<ProducerFacts> kFacts = {
    {.reserved = 64,
     .cuts = {},
     .plans = {{1, plan("a", {"s1"})}},
     .checkpoint = {},
     .ledgers = {{"s1", {{11, {3, 1}, 4}, 20}}}},
    {.reserved = {},
     .cuts = {{3, {5, true}}, {4, {1, false}}},
     .plans = {},
     .checkpoint = {},
     .ledgers = {}},
    {.reserved = {},
     .cuts = {{9, {2, false}}},
     .plans = {},
     .checkpoint = Checkpoint{3, "a.xml:800", {40, 3, 5}},
     .ledgers = {}},
    {.reserved = 128,
     .cuts = {},
     .plans = {{65, plan("b", {"s1", "s2"})}},
     .checkpoint = Checkpoint{8, std::string(9000, 'x'), {100, 10, 1}},
     .ledgers = {{"s2", {{22, {5, 2}, 6}, 0}}, {"s1", {{11, {3, 1}, 9}, 30}}}},
    {.reserved = {}, .cuts = {{70, {1, true}}}, .plans = {}, .checkpoint = {}, .ledgers = {}},
    {.reserved = {},
     .cuts = {},
     .plans = {},
     .checkpoint = Checkpoint{66, "b.xml:9", {200, 10, 1}},
     .ledgers = {}},
};

ProducerState without_random(ProducerState state) {
  state.lineage.epoch = 0;
  state.run.nonce = 0;
  return state;
}

TEST_CASE("a producer's store holds what was committed, whatever call to the disk was the last") {
  const std::size_t half = kFacts.size() / 2;
  // Before everything, then after each acknowledgement.
  std::vector<ProducerState> states(1);
  states[0].lineage.producer = "p1";
  for (std::size_t i = 0; i < kFacts.size(); ++i) {
    if (i % half == 0) {
      states.push_back(states.back());
      ++states.back().run.counter;
    }
    states.push_back(states.back());
    apply(kFacts[i], states.back());
  }

  const auto work = [&](const TempFolder& folder, const auto& acknowledge) {
    for (const std::size_t begin : {std::size_t{0}, half}) {
      const StateFolder locked = must(StateFolder::open(real_disk(), folder.path(), "p1"));
      ProducerStore store = must(ProducerStore::open(locked));
      acknowledge();
      for (std::size_t i = begin; i < begin + half; ++i) {
        must(store.commit(kFacts[i]));
        acknowledge();
      }
    }
  };
  const auto check = [&](const TempFolder& folder, const Ended& ended) {
    const StateFolder locked = must(StateFolder::open(real_disk(), folder.path(), "p1"));
    ProducerStore store = must(ProducerStore::open(locked));
    ProducerState found = without_random(must(store.state()));
    --found.run.counter;  // this open's own
    const auto acknowledged = static_cast<std::size_t>(ended.acknowledged);
    const bool whole = found == states[acknowledged] ||
                       (acknowledged + 1 < states.size() && found == states[acknowledged + 1]);
    INFO("acknowledged " << acknowledged << ", run " << found.run.counter << ", checkpoint "
                         << found.checkpoint.sequence);
    CHECK(whole);
  };
  for (const Disaster& disaster : kDisasters) {
    for (unsigned seed = 0; seed < disaster.seeds; ++seed) {
      CHECK(at_every_call(disaster, seed, work, check) > 30);
    }
  }
}

constexpr Sequence kGroups = 6;
const Lineage kLineage = {"p1", 1};

// The group's text in the output.
std::string text(Sequence group) { return fmt::format("{} {}\n", group, std::string(100, 'x')); }

LedgerFacts facts(Sequence group) {
  LedgerFacts facts;
  facts.rows = {{kLineage, group, {group * 3, 2, {}}}, {{"p2", 5}, group, {group, 1, {}}}};
  for (LedgerFacts::Row& row : facts.rows) {
    row.entry.settled.add({0, row.entry.documents, Outcome::kDelivered});
  }
  facts.marks = {{kLineage, {1, 9}, group / 2}};
  facts.totals.delivered = group * 3;
  facts.totals.written = group;
  return facts;
}

TEST_CASE("output and ledger agree on every group, whatever call to the disk was the last") {
  const auto work = [&](const TempFolder& folder, const auto& acknowledge) {
    for (const Sequence begin : {Sequence{1}, kGroups / 2 + 1}) {
      const StateFolder locked = must(StateFolder::open(real_disk(), folder.path(), "s1"));
      LedgerStore ledger = must(LedgerStore::open(locked));
      AppendFile file = must(ledger.open_file(folder / "out/books.ndjson"));
      for (Sequence group = begin; group < begin + kGroups / 2; ++group) {
        file.append(text(group));
        must(file.sync());
        must(ledger.commit(facts(group), {file.mark()}));
        acknowledge();
      }
    }
  };
  const auto check = [&](const TempFolder& folder, const Ended& ended) {
    const StateFolder locked = must(StateFolder::open(real_disk(), folder.path(), "s1"));
    LedgerStore ledger = must(LedgerStore::open(locked));
    REQUIRE(must(ledger.open_file(folder / "out/books.ndjson")).cut_back().ok());
    const LedgerState found = must(ledger.state());

    const Sequence committed = found.totals.written;
    const auto acknowledged = static_cast<Sequence>(ended.acknowledged);
    CHECK((committed == acknowledged || committed == acknowledged + 1));
    LedgerState expected{.id = found.id, .lives = {}, .lineages = {}, .totals = {}};
    std::string output;
    for (Sequence group = 1; group <= committed; ++group) {
      apply(facts(group), expected);
      output += text(group);
    }
    CHECK((found == expected));
    CHECK(read_file(folder / "out/books.ndjson") == output);
  };
  for (const Disaster& disaster : kDisasters) {
    for (unsigned seed = 0; seed < disaster.seeds; ++seed) {
      CHECK(at_every_call(disaster, seed, work, check) > 30);
    }
  }
}

TEST_CASE("rows and ledger in one database agree, whatever call to the disk was the last") {
  const auto put_rows = [](Sequence group) {
    return [group](Transaction& transaction) {
      transaction.run("CREATE TABLE IF NOT EXISTS rows (text TEXT)");
      transaction.run("INSERT INTO rows VALUES (?)", {text(group)});
    };
  };
  const auto work = [&](const TempFolder& folder, const auto& acknowledge) {
    for (const Sequence begin : {Sequence{1}, kGroups / 2 + 1}) {
      const StateFolder locked = must(StateFolder::open(real_disk(), folder.path(), "s1"));
      LedgerStore ledger = must(LedgerStore::open(locked, folder / "out/books.db"));
      for (Sequence group = begin; group < begin + kGroups / 2; ++group) {
        must(ledger.commit(facts(group), {}, put_rows(group)));
        acknowledge();
      }
    }
  };
  const auto check = [&](const TempFolder& folder, const Ended& ended) {
    const StateFolder locked = must(StateFolder::open(real_disk(), folder.path(), "s1"));
    LedgerStore ledger = must(LedgerStore::open(locked, folder / "out/books.db"));
    const LedgerState found = must(ledger.state());
    const Sequence committed = found.totals.written;
    const auto acknowledged = static_cast<Sequence>(ended.acknowledged);
    INFO("acknowledged " << acknowledged << ", committed " << committed);
    CHECK((committed == acknowledged || committed == acknowledged + 1));
    LedgerState expected{.id = found.id, .lives = {}, .lineages = {}, .totals = {}};
    std::string output;
    for (Sequence group = 1; group <= committed; ++group) {
      apply(facts(group), expected);
      output += text(group);
    }
    CHECK((found == expected));
    std::string rows;
    must(ledger.transaction([&](Transaction& transaction) {
      transaction.run("CREATE TABLE IF NOT EXISTS rows (text TEXT)");
      transaction.read("SELECT text FROM rows ORDER BY rowid",
                       [&](const SqlRow& row) { rows += row.text(0); });
    }));
    CHECK(rows == output);
  };
  for (const Disaster& disaster : kDisasters) {
    for (unsigned seed = 0; seed < disaster.seeds; ++seed) {
      CHECK(at_every_call(disaster, seed, work, check) > 30);
    }
  }
}

}  // namespace
}  // namespace docmill
