#include "shared/store/ledger_store.h"

#include <fmt/format.h>

#include <filesystem>

#include "shared/base/binary.h"
#include "shared/base/random.h"
#include "shared/store/ledger_place.h"
#include "shared/store/ledger_tables.h"

namespace docmill {
namespace {

constexpr std::uint32_t kApplication = 0x646d6c65;  // "dmle"

// For each span: | begin u32 | end u32 | outcome u8 |
void write_settled(const Settled& settled, std::string& bytes) {
  bytes.clear();
  BinaryWriter writer(bytes);
  for (const SettledSpan& span : settled.spans()) {
    writer.number(span.begin);
    writer.number(span.end);
    writer.number(static_cast<std::uint8_t>(span.outcome));
  }
}

// False when the bytes are not sorted, disjoint spans of the batch with known outcomes.
bool read_settled(std::string_view bytes, std::uint32_t documents, Settled& settled) {
  BinaryReader reader(bytes);
  std::vector<SettledSpan> spans;
  std::uint32_t least = 0;
  while (!reader.left().empty()) {
    const auto begin = reader.number<std::uint32_t>();
    const auto end = reader.number<std::uint32_t>();
    const auto outcome = reader.number<std::uint8_t>();
    if (!reader.ok() || begin < least || end <= begin || end > documents || outcome >= kOutcomes)
      return false;
    spans.push_back({begin, end, static_cast<Outcome>(outcome)});
    least = end;
  }
  settled.add(spans);
  return true;
}

void put_row(LedgerTables& tables, const LedgerFacts::Row& row, std::string& settled) {
  const auto& [producer, epoch] = row.lineage;
  write_settled(row.entry.settled, settled);
  // `place` keeps entries of one sequence in the order in which they came.
  tables.run(
      "INSERT INTO @entries VALUES (?1, ?2, ?3, ?4, (SELECT count(*) FROM @entries WHERE producer "
      "= "
      "?1 AND epoch = ?2 AND sequence = ?3), ?5, ?6) ON CONFLICT DO UPDATE SET documents = ?5, "
      "settled = ?6",
      {producer, epoch, row.sequence, row.entry.origin_hash, std::uint64_t{row.entry.documents},
       Blob{settled}});
}

void put_lineage(LedgerTables& tables, const LedgerFacts::Mark& mark) {
  const auto& [producer, epoch] = mark.lineage;
  tables.run(
      "INSERT INTO @lineages VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO UPDATE SET run = ?3, "
      "nonce = ?4, watermark = max(watermark, ?5), documents = ?6",
      {producer, epoch, std::uint64_t{mark.run.counter}, mark.run.nonce, mark.watermark,
       mark.documents});
  tables.run(
      "DELETE FROM @entries WHERE producer = ?1 AND epoch = ?2 AND sequence <= (SELECT watermark "
      "FROM @lineages WHERE producer = ?1 AND epoch = ?2)",
      {producer, epoch});
}

void forget_lineage(LedgerTables& tables, const Lineage& lineage) {
  for (const char* table : {"@lineages", "@entries"}) {
    tables.run(fmt::format("DELETE FROM {} WHERE producer = ? AND epoch = ?", table),
               {lineage.producer, lineage.epoch});
  }
}

void put_totals(LedgerTables& tables, const LedgerFacts& facts) {
  const LedgerTotals& totals = facts.totals;
  tables.run(
      "UPDATE @ledger SET commits = ?, delivered = ?, filtered = ?, dead = ?, written = ?, "
      "suppressed = ?, collisions = ?",
      {facts.commit, totals.delivered, totals.filtered, totals.dead, totals.written,
       totals.suppressed, totals.collisions});
}

void begin_life(LedgerTables& tables, const Life& life) {
  tables.run("INSERT INTO @lives VALUES (?, ?)", {life.first, life.number});
  tables.run(
      "DELETE FROM @lives WHERE first <= (SELECT first FROM @lives ORDER BY first DESC "
      "LIMIT 1 OFFSET ?)",
      {std::uint64_t{kMaxLives}});
}

void read_ledger(LedgerTables& tables, LedgerState& state) {
  tables.read("SELECT * FROM @ledger", [&](const SqlRow& row) {
    state.id = row.number(0);
    state.commits = row.number(1);
    state.totals = {.delivered = row.number(2),
                    .filtered = row.number(3),
                    .dead = row.number(4),
                    .written = row.number(5),
                    .suppressed = row.number(6),
                    .collisions = row.number(7)};
  });
  tables.read("SELECT number, first FROM @lives ORDER BY first", [&](const SqlRow& row) {
    state.lives.push_back({row.number(0), row.number(1)});
  });
  tables.read("SELECT * FROM @lineages", [&](const SqlRow& row) {
    LineageLedger& ledger = state.lineages[{std::string(row.text(0)), row.number(1)}];
    ledger.run = {static_cast<std::uint32_t>(row.number(2)), row.number(3)};
    ledger.watermark = row.number(4);
    ledger.documents = row.number(5);
  });
}

void read_entries(LedgerTables& tables, LedgerState& state) {
  tables.read(
      "SELECT producer, epoch, sequence, origin_hash, documents, settled FROM @entries "
      "ORDER BY producer, epoch, sequence, place",
      [&](const SqlRow& row) {
        LedgerEntry entry{row.number(3), static_cast<std::uint32_t>(row.number(4)), {}};
        if (!read_settled(row.text(5), entry.documents, entry.settled)) {
          tables.fail_damaged(
              fmt::format("the settled documents of {} {}", row.text(0), row.number(2)));
        }
        LineageLedger& ledger = state.lineages[{std::string(row.text(0)), row.number(1)}];
        ledger.entries[row.number(2)].push_back(std::move(entry));
      });
}

}  // namespace

Result<LedgerStore> LedgerStore::open(const StateFolder& folder) {
  const auto place = LedgerPlace(folder.disk(), folder.path()).database();
  if (!place) return place.error();
  return place->empty() ? open_own(folder) : open_in(folder, *place, false);
}

Result<LedgerStore> LedgerStore::open(const StateFolder& folder, const std::string& database) {
  const LedgerPlace here(folder.disk(), folder.path());
  const auto place = here.database();
  if (!place) return place.error();
  const bool is_new = place->empty() && !here.exists();
  if (!is_new && *place != database) return here.moved(*place, database);
  if (database.empty()) return open_own(folder);
  auto store = open_in(folder, database, is_new);
  // Last: only who has the ledger may say where it is.
  if (!store || !is_new) return store;
  if (auto kept = here.put_database(database); !kept) return kept.error();
  return store;
}

Result<LedgerStore> LedgerStore::open_own(const StateFolder& folder) {
  const std::string tables = LedgerTables::statements("");
  const DatabaseFormat format{.kind = "a sink's ledger",
                              .application = kApplication,
                              .version = LedgerTables::kVersion,
                              .tables = tables.c_str()};
  auto database =
      Database::open(folder.disk(), folder.path() / LedgerPlace::kFile, format, &folder.reserve());
  if (!database.ok()) return database.error();
  return begin(folder, LedgerStore(folder, std::move(*database), ""));
}

Result<LedgerStore> LedgerStore::open_in(const StateFolder& folder, const std::string& path,
                                         bool is_new) {
  auto database = Database::open_shared(folder.disk(), path, &folder.reserve());
  if (!database.ok()) return database.error();
  const auto made = database->transaction([&](Transaction& transaction) {
    LedgerTables(transaction, LedgerTables::kPrefix)
        .make_or_check({folder.pipeline(), folder.name(),
                        std::filesystem::absolute(folder.path()).lexically_normal().string(),
                        is_new});
  });
  if (!made.ok()) return made.error();
  return begin(folder, LedgerStore(folder, std::move(*database), LedgerTables::kPrefix));
}

Result<LedgerStore> LedgerStore::begin(const StateFolder& folder, LedgerStore store) {
  const auto made = store.change([](LedgerTables& tables) {
    tables.make_added();
    tables.run(
        "INSERT INTO @ledger SELECT ?, 0, 0, 0, 0, 0, 0, 0 WHERE NOT EXISTS (SELECT * FROM "
        "@ledger)",
        {random_number()});
  });
  if (!made.ok()) return made.error();
  std::uint64_t id = 0;
  const auto read = store.change([&](LedgerTables& tables) {
    tables.read("SELECT id FROM @ledger", [&](const SqlRow& row) { id = row.number(0); });
  });
  if (!read.ok()) return read.error();
  if (auto kept = LedgerPlace(folder.disk(), folder.path()).put_id(id); !kept) return kept.error();
  return store;
}

Result<void> LedgerStore::transaction(const std::function<void(Transaction&)>& steps) {
  return database_.transaction(steps);
}

Result<void> LedgerStore::change(const std::function<void(LedgerTables&)>& steps) {
  return database_.transaction([&](Transaction& transaction) {
    LedgerTables tables(transaction, prefix_);
    steps(tables);
  });
}

Result<void> LedgerStore::commit(const std::function<Change(Transaction&)>& decide) {
  const auto steps = [&](Transaction& transaction) {
    const Change change = decide(transaction);
    if (!transaction.result()) return;
    LedgerTables tables(transaction, prefix_);
    std::string settled;
    for (const LedgerFacts::Row& row : change.facts->rows) put_row(tables, row, settled);
    for (const LedgerFacts::Mark& mark : change.facts->marks) put_lineage(tables, mark);
    for (const Lineage& lineage : change.facts->closed) forget_lineage(tables, lineage);
    put_totals(tables, *change.facts);
    if (change.facts->life) begin_life(tables, *change.facts->life);
    for (const FileMark& mark : change.marks) tables.put_mark(mark);
  };
  return database_.transaction(steps);
}

Result<void> LedgerStore::commit(const LedgerFacts& facts, const std::vector<FileMark>& marks,
                                 const std::function<void(Transaction&)>& with) {
  return commit([&](Transaction& transaction) {
    if (with) with(transaction);
    return Change{&facts, marks};
  });
}

Result<LedgerState> LedgerStore::state() {
  LedgerState state;
  const auto read = change([&](LedgerTables& tables) {
    state = {};
    read_ledger(tables, state);
    read_entries(tables, state);
  });
  if (!read.ok()) return read.error();
  return state;
}

std::string LedgerStore::shared_database() const {
  return prefix_.empty() ? std::string() : database_.path();
}

}  // namespace docmill
