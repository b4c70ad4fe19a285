#include "shared/store/producer_store.h"

#include <fmt/format.h>

#include "shared/protocol/header.h"
#include "shared/store/folder.h"

namespace docmill {
namespace {

constexpr std::string_view kFile = "producer.db";

constexpr DatabaseFormat kFormat{
    .kind = "a producer's state",
    .application = 0x646d7072,  // "dmpr"
    .version = 3,
    .tables = R"(
CREATE TABLE producer (
  name TEXT NOT NULL,
  epoch INTEGER NOT NULL,
  run INTEGER NOT NULL,
  nonce INTEGER NOT NULL,
  reserved INTEGER NOT NULL,
  checkpoint INTEGER NOT NULL,
  position TEXT NOT NULL,
  delivered INTEGER NOT NULL,
  filtered INTEGER NOT NULL,
  dead INTEGER NOT NULL
) STRICT;
CREATE TABLE cuts (
  sequence INTEGER PRIMARY KEY,
  documents INTEGER NOT NULL,
  boundary INTEGER NOT NULL
) STRICT;
CREATE TABLE plans (
  first INTEGER PRIMARY KEY,
  batch_documents INTEGER NOT NULL,
  batch_bytes INTEGER NOT NULL,
  processors INTEGER NOT NULL,
  definition BLOB NOT NULL,
  source_text TEXT NOT NULL,
  keyed INTEGER NOT NULL
) STRICT;
CREATE TABLE plan_left (
  first INTEGER NOT NULL,
  kind TEXT NOT NULL,
  position TEXT NOT NULL,
  PRIMARY KEY (first, kind)
) STRICT, WITHOUT ROWID;
CREATE TABLE plan_sinks (
  first INTEGER NOT NULL,
  place INTEGER NOT NULL,
  sink TEXT NOT NULL,
  PRIMARY KEY (first, place)
) STRICT, WITHOUT ROWID;
CREATE TABLE ledgers (
  sink TEXT PRIMARY KEY,
  id INTEGER NOT NULL,
  life INTEGER NOT NULL,
  life_first INTEGER NOT NULL,
  commits INTEGER NOT NULL,
  documents INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE forgotten_ledgers (
  number INTEGER PRIMARY KEY,
  sink TEXT NOT NULL,
  id INTEGER NOT NULL
) STRICT;
CREATE TABLE source_rows (
  kind TEXT NOT NULL,
  number INTEGER NOT NULL,
  text TEXT NOT NULL,
  PRIMARY KEY (kind, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX forgotten_rows ON source_rows (kind, number) WHERE text = '';
)",
};

void put_plan_sinks(Transaction& transaction, const PlanFrom& from) {
  std::uint64_t place = 0;
  for (const std::string& sink : from.plan.sinks) {
    transaction.run("INSERT INTO plan_sinks VALUES (?, ?, ?)", {from.first, place++, sink});
  }
}

void put_plan(Transaction& transaction, const PlanFrom& from) {
  transaction.run("DELETE FROM plans WHERE first >= ?", {from.first});
  transaction.run("DELETE FROM plan_sinks WHERE first >= ?", {from.first});
  transaction.run("DELETE FROM plan_left WHERE first >= ?", {from.first});
  const Plan& plan = from.plan;
  transaction.run(
      "INSERT INTO plans VALUES (?, ?, ?, ?, ?, ?, ?)",
      {from.first, std::uint64_t{plan.limits.documents}, plan.limits.bytes.count, plan.processors,
       Blob{plan.definition}, plan.source_text, std::uint64_t{plan.keyed}});
  for (const auto& [kind, position] : plan.left) {
    transaction.run("INSERT INTO plan_left VALUES (?, ?, ?)", {from.first, kind, position});
  }
  put_plan_sinks(transaction, from);
}

void put_ledger(Transaction& transaction, const std::string& sink, const KnownLedger& ledger) {
  const auto& [id, life, commit] = ledger.mark;
  transaction.run("INSERT OR REPLACE INTO ledgers VALUES (?, ?, ?, ?, ?, ?)",
                  {sink, id, life.number, life.first, commit, ledger.documents});
}

void put_checkpoint(Transaction& transaction, const Checkpoint& checkpoint) {
  transaction.run(
      "UPDATE producer SET checkpoint = ?, position = ?, delivered = ?, filtered = ?, dead = ?",
      {checkpoint.sequence, checkpoint.position, checkpoint.totals.delivered,
       checkpoint.totals.filtered, checkpoint.totals.dead});
}

// What the checkpoint has made superfluous, as `apply` does it: the cuts up to it, and the plans
// before the one that covers the sequence after it.
void forget(Transaction& transaction) {
  transaction.run("DELETE FROM cuts WHERE sequence <= (SELECT checkpoint FROM producer)");
  transaction.run(
      "DELETE FROM plans WHERE first < (SELECT max(first) FROM plans WHERE first <= "
      "(SELECT checkpoint + 1 FROM producer))");
  transaction.run("DELETE FROM plan_sinks WHERE first < (SELECT min(first) FROM plans)");
  transaction.run("DELETE FROM plan_left WHERE first < (SELECT min(first) FROM plans)");
}

void read_producer(Transaction& transaction, ProducerState& state) {
  transaction.read("SELECT * FROM producer", [&](const SqlRow& row) {
    state.lineage = {std::string(row.text(0)), row.number(1)};
    state.run = {static_cast<std::uint32_t>(row.number(2)), row.number(3)};
    state.reserved = row.number(4);
    state.checkpoint = {
        .sequence = row.number(5),
        .position = std::string(row.text(6)),
        .totals = {.delivered = row.number(7), .filtered = row.number(8), .dead = row.number(9)}};
  });
}

void read_ledgers(Transaction& transaction, ProducerState& state) {
  transaction.read("SELECT * FROM ledgers", [&](const SqlRow& row) {
    state.ledgers[std::string(row.text(0))] = {
        {row.number(1), {row.number(2), row.number(3)}, row.number(4)}, row.number(5)};
  });
  transaction.read("SELECT sink, id FROM forgotten_ledgers ORDER BY number",
                   [&](const SqlRow& row) {
                     state.forgotten.push_back({std::string(row.text(0)), row.number(1)});
                   });
}

void read_plans(Transaction& transaction, std::vector<PlanFrom>& plans) {
  transaction.read("SELECT * FROM plans ORDER BY first", [&](const SqlRow& row) {
    PlanFrom from;
    from.first = row.number(0);
    from.plan.limits = {static_cast<std::uint32_t>(row.number(1)), Bytes{row.number(2)}};
    from.plan.processors = row.number(3);
    from.plan.definition = row.text(4);
    from.plan.source_text = row.text(5);
    from.plan.keyed = row.number(6) != 0;
    plans.push_back(std::move(from));
  });
  for (PlanFrom& from : plans) {
    transaction.read("SELECT sink FROM plan_sinks WHERE first = ? ORDER BY place",
                     [&](const SqlRow& row) { from.plan.sinks.emplace_back(row.text(0)); },
                     {from.first});
    if (from.plan.sinks.empty() || from.plan.sinks.size() > kMaxSinks) {
      transaction.fail_damaged(fmt::format("the sinks of the batches from {} on", from.first));
    }
    transaction.read("SELECT kind, position FROM plan_left WHERE first = ?",
                     [&](const SqlRow& row) { from.plan.left.emplace(row.text(0), row.text(1)); },
                     {from.first});
  }
}

}  // namespace

Result<ProducerStore> ProducerStore::open(const StateFolder& folder, const RunNames& names) {
  auto database = Database::open(folder.disk(), folder.path() / kFile, kFormat);
  if (!database.ok()) return database.error();
  ProducerStore store(std::move(*database));
  if (auto begun = store.begin_run(folder.name(), names); !begun.ok()) return begun.error();
  return store;
}

Result<ProducerStore> ProducerStore::open_as_it_is(const StateFolder& folder) {
  auto database = Database::open(folder.disk(), folder.path() / kFile, kFormat);
  if (!database.ok()) return database.error();
  return ProducerStore(std::move(*database));
}

bool ProducerStore::exists(Disk& disk, const std::filesystem::path& folder) {
  return is_there(disk, folder / kFile);
}

Result<std::optional<ProducerState>> ProducerStore::read(const StateFolder& folder) {
  if (!exists(folder.disk(), folder.path())) return std::optional<ProducerState>();
  auto store = open_as_it_is(folder);
  if (!store.ok()) return store.error();
  auto state = store->state();
  if (!state.ok()) return state.error();
  if (state->lineage.producer.empty()) return std::optional<ProducerState>();
  return std::optional(std::move(*state));
}

Result<void> ProducerStore::begin_run(const std::string& name, const RunNames& run) {
  return database_.transaction([&](Transaction& transaction) {
    std::vector<std::string> names;
    transaction.read("SELECT name FROM producer",
                     [&](const SqlRow& row) { names.emplace_back(row.text(0)); });
    if (names.empty()) {
      transaction.run("INSERT INTO producer VALUES (?, ?, 0, 0, 0, 0, '', 0, 0, 0)",
                      {name, run.epoch});
    } else if (names.front() != name) {
      transaction.fail(config_error(
          fmt::format("{}: expected the state of producer '{}', found that of '{}'; rename the "
                      "folder back, or start over with --fresh",
                      database_.path(), name, names.front())));
    }
    transaction.run("UPDATE producer SET run = run + 1, nonce = ?", {run.nonce});
  });
}

Result<void> ProducerStore::commit(const ProducerFacts& facts) {
  return database_.transaction([&](Transaction& transaction) {
    if (facts.reserved) transaction.run("UPDATE producer SET reserved = ?", {*facts.reserved});
    for (const auto& [sequence, cut] : facts.cuts) {
      transaction.run("INSERT OR REPLACE INTO cuts VALUES (?, ?, ?)",
                      {sequence, std::uint64_t{cut.documents}, std::uint64_t{cut.boundary}});
    }
    for (const PlanFrom& from : facts.plans) put_plan(transaction, from);
    if (facts.checkpoint) put_checkpoint(transaction, *facts.checkpoint);
    for (const auto& [sink, ledger] : facts.ledgers) put_ledger(transaction, sink, ledger);
    forget(transaction);
  });
}

Result<ProducerState> ProducerStore::state() {
  ProducerState state;
  const auto read = database_.transaction([&](Transaction& transaction) {
    read_producer(transaction, state);
    transaction.read("SELECT * FROM cuts", [&](const SqlRow& row) {
      state.cuts[row.number(0)] = {static_cast<std::uint32_t>(row.number(1)), row.number(2) != 0};
    });
    read_plans(transaction, state.plans);
    read_ledgers(transaction, state);
  });
  if (!read.ok()) return read.error();
  return state;
}

Result<void> ProducerStore::replace_sinks(const ProducerState& state) {
  return database_.transaction([&](Transaction& transaction) {
    for (const char* table : {"ledgers", "forgotten_ledgers", "plan_sinks"}) {
      transaction.run(fmt::format("DELETE FROM {}", table), {});
    }
    for (const auto& [sink, ledger] : state.ledgers) put_ledger(transaction, sink, ledger);
    std::uint64_t number = 0;
    for (const ForgottenLedger& one : state.forgotten) {
      transaction.run("INSERT INTO forgotten_ledgers VALUES (?, ?, ?)",
                      {number++, one.sink, one.id});
    }
    for (const PlanFrom& from : state.plans) put_plan_sinks(transaction, from);
  });
}

Result<void> ProducerStore::append_source_rows(const std::string& kind,
                                               const std::vector<std::string>& rows) {
  return database_.transaction([&](Transaction& transaction) {
    for (const std::string& row : rows) {
      transaction.run(
          "INSERT INTO source_rows VALUES (?1, (SELECT coalesce(max(number) + 1, 0) FROM "
          "source_rows WHERE kind = ?1), ?2)",
          {kind, row});
    }
  });
}

Result<void> ProducerStore::rewrite_source_rows(const std::string& kind,
                                                const std::map<std::uint64_t, std::string>& texts) {
  return database_.transaction([&](Transaction& transaction) {
    std::uint64_t last = 0;
    for (const auto& [number, text] : texts) {
      transaction.run("UPDATE source_rows SET text = ? WHERE kind = ? AND number = ?",
                      {text, kind, number});
      if (text.empty()) last = number;
    }
    transaction.run("DELETE FROM source_rows WHERE text = '' AND kind = ? AND number < ?",
                    {kind, last});
  });
}

Result<std::map<std::uint64_t, std::string>> ProducerStore::source_rows(const std::string& kind) {
  std::map<std::uint64_t, std::string> rows;
  const auto read = database_.transaction([&](Transaction& transaction) {
    transaction.read("SELECT number, text FROM source_rows WHERE kind = ? ORDER BY number",
                     [&](const SqlRow& row) { rows.emplace(row.number(0), row.text(1)); }, {kind});
  });
  return read ? Result<std::map<std::uint64_t, std::string>>(std::move(rows)) : read.error();
}

}  // namespace docmill
