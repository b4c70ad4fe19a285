#include "shared/store/producer_tables.h"

#include <fmt/format.h>

#include "shared/protocol/header.h"

namespace docmill {

const DatabaseFormat kProducerFormat{
    .kind = "a producer's state",
    .application = 0x646d7072,  // "dmpr"
    .version = 4,
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
CREATE TABLE given_up (
  number INTEGER PRIMARY KEY,
  first INTEGER NOT NULL,
  last INTEGER NOT NULL,
  documents INTEGER NOT NULL,
  source TEXT NOT NULL
) STRICT;
CREATE TABLE lost_documents (
  number INTEGER PRIMARY KEY,
  sink TEXT NOT NULL,
  documents INTEGER NOT NULL,
  exact INTEGER NOT NULL
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

void put_ledger(Transaction& transaction, const std::string& sink, const KnownLedger& ledger) {
  const auto& [id, life, commit] = ledger.mark;
  transaction.run("INSERT OR REPLACE INTO ledgers VALUES (?, ?, ?, ?, ?, ?)",
                  {sink, id, life.number, life.first, commit, ledger.documents});
}

namespace {

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

void put_checkpoint(Transaction& transaction, const Checkpoint& checkpoint) {
  transaction.run(
      "UPDATE producer SET checkpoint = ?, position = ?, delivered = ?, filtered = ?, dead = ?",
      {checkpoint.sequence, checkpoint.position, checkpoint.totals.delivered,
       checkpoint.totals.filtered, checkpoint.totals.dead});
}

}  // namespace

void put_facts(Transaction& transaction, const ProducerFacts& facts) {
  if (facts.reserved) transaction.run("UPDATE producer SET reserved = ?", {*facts.reserved});
  for (const auto& [sequence, cut] : facts.cuts) {
    transaction.run("INSERT OR REPLACE INTO cuts VALUES (?, ?, ?)",
                    {sequence, std::uint64_t{cut.documents}, std::uint64_t{cut.boundary}});
  }
  for (const PlanFrom& from : facts.plans) put_plan(transaction, from);
  if (facts.checkpoint) put_checkpoint(transaction, *facts.checkpoint);
  for (const auto& [sink, ledger] : facts.ledgers) put_ledger(transaction, sink, ledger);
}

// What the checkpoint has made superfluous, as `apply` does it: the cuts up to it, and the plans
// before the one that covers the sequence after it.
void forget_settled(Transaction& transaction) {
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

}  // namespace docmill
