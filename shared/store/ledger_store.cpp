#include "shared/store/ledger_store.h"

#include <fmt/format.h>

#include <algorithm>

#include "shared/base/binary.h"
#include "shared/base/random.h"

namespace docmill {
namespace {

constexpr std::string_view kFile = "ledger.db";

constexpr DatabaseFormat kFormat{
    .kind = "a sink's ledger",
    .application = 0x646d6c65,  // "dmle"
    .version = 2,
    .tables = R"(
CREATE TABLE ledger (
  id INTEGER NOT NULL,
  delivered INTEGER NOT NULL,
  filtered INTEGER NOT NULL,
  dead INTEGER NOT NULL,
  written INTEGER NOT NULL,
  suppressed INTEGER NOT NULL,
  collisions INTEGER NOT NULL
) STRICT;
CREATE TABLE lineages (
  producer TEXT NOT NULL,
  epoch INTEGER NOT NULL,
  run INTEGER NOT NULL,
  nonce INTEGER NOT NULL,
  watermark INTEGER NOT NULL,
  PRIMARY KEY (producer, epoch)
) STRICT, WITHOUT ROWID;
CREATE TABLE entries (
  producer TEXT NOT NULL,
  epoch INTEGER NOT NULL,
  sequence INTEGER NOT NULL,
  origin_hash INTEGER NOT NULL,
  place INTEGER NOT NULL,
  documents INTEGER NOT NULL,
  settled BLOB NOT NULL,
  PRIMARY KEY (producer, epoch, sequence, origin_hash)
) STRICT, WITHOUT ROWID;
CREATE TABLE files (
  path TEXT PRIMARY KEY,
  length INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
)",
};

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

// False when the bytes are not sorted, disjoint spans with known outcomes.
bool read_settled(std::string_view bytes, Settled& settled) {
  BinaryReader reader(bytes);
  std::uint32_t least = 0;
  while (!reader.left().empty()) {
    const auto begin = reader.number<std::uint32_t>();
    const auto end = reader.number<std::uint32_t>();
    const auto outcome = reader.number<std::uint8_t>();
    if (!reader.ok() || begin < least || end <= begin || outcome >= kOutcomes) return false;
    settled.add({begin, end, static_cast<Outcome>(outcome)});
    least = end;
  }
  return true;
}

void put_row(Transaction& transaction, const LedgerFacts::Row& row, std::string& settled) {
  const auto& [producer, epoch] = row.lineage;
  write_settled(row.entry.settled, settled);
  // `place` keeps entries of one sequence in the order in which they came.
  transaction.run(
      "INSERT INTO entries VALUES (?1, ?2, ?3, ?4, (SELECT count(*) FROM entries WHERE producer = "
      "?1 AND epoch = ?2 AND sequence = ?3), ?5, ?6) ON CONFLICT DO UPDATE SET documents = ?5, "
      "settled = ?6",
      {producer, epoch, row.sequence, row.entry.origin_hash, std::uint64_t{row.entry.documents},
       Blob{settled}});
}

void put_lineage(Transaction& transaction, const LedgerFacts::Mark& mark) {
  const auto& [producer, epoch] = mark.lineage;
  transaction.run(
      "INSERT INTO lineages VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO UPDATE SET run = ?3, nonce "
      "= ?4, watermark = max(watermark, ?5)",
      {producer, epoch, std::uint64_t{mark.run.counter}, mark.run.nonce, mark.watermark});
  transaction.run(
      "DELETE FROM entries WHERE producer = ?1 AND epoch = ?2 AND sequence <= (SELECT watermark "
      "FROM lineages WHERE producer = ?1 AND epoch = ?2)",
      {producer, epoch});
}

void forget_lineage(Transaction& transaction, const Lineage& lineage) {
  for (const char* table : {"lineages", "entries"}) {
    transaction.run(fmt::format("DELETE FROM {} WHERE producer = ? AND epoch = ?", table),
                    {lineage.producer, lineage.epoch});
  }
}

void put_totals(Transaction& transaction, const LedgerTotals& totals) {
  transaction.run(
      "UPDATE ledger SET delivered = ?, filtered = ?, dead = ?, written = ?, suppressed = ?, "
      "collisions = ?",
      {totals.delivered, totals.filtered, totals.dead, totals.written, totals.suppressed,
       totals.collisions});
}

void put_mark(Transaction& transaction, const FileMark& mark) {
  transaction.run("INSERT OR REPLACE INTO files VALUES (?, ?)", {mark.path, mark.length});
}

void read_ledger(Transaction& transaction, LedgerState& state) {
  transaction.read("SELECT * FROM ledger", [&](const SqlRow& row) {
    state.id = row.number(0);
    state.totals = {.delivered = row.number(1),
                    .filtered = row.number(2),
                    .dead = row.number(3),
                    .written = row.number(4),
                    .suppressed = row.number(5),
                    .collisions = row.number(6)};
  });
  transaction.read("SELECT * FROM lineages", [&](const SqlRow& row) {
    LineageLedger& ledger = state.lineages[{std::string(row.text(0)), row.number(1)}];
    ledger.run = {static_cast<std::uint32_t>(row.number(2)), row.number(3)};
    ledger.watermark = row.number(4);
  });
}

void read_entries(Transaction& transaction, LedgerState& state) {
  transaction.read(
      "SELECT producer, epoch, sequence, origin_hash, documents, settled FROM entries "
      "ORDER BY producer, epoch, sequence, place",
      [&](const SqlRow& row) {
        LedgerEntry entry{row.number(3), static_cast<std::uint32_t>(row.number(4)), {}};
        if (!read_settled(row.text(5), entry.settled)) {
          transaction.fail_damaged(
              fmt::format("the settled documents of {} {}", row.text(0), row.number(2)));
        }
        LineageLedger& ledger = state.lineages[{std::string(row.text(0)), row.number(1)}];
        ledger.entries[row.number(2)].push_back(std::move(entry));
      });
}

}  // namespace

Result<LedgerStore> LedgerStore::open(const StateFolder& folder) {
  auto database = Database::open(folder.path() / kFile, kFormat);
  if (!database.ok()) return database.error();
  const auto made = database->transaction([](Transaction& transaction) {
    transaction.run(
        "INSERT INTO ledger SELECT ?, 0, 0, 0, 0, 0, 0 WHERE NOT EXISTS (SELECT * FROM ledger)",
        {random_number()});
  });
  if (!made.ok()) return made.error();
  return LedgerStore(std::move(*database));
}

bool LedgerStore::exists(const std::filesystem::path& folder) {
  std::error_code ignored;
  return std::filesystem::exists(folder / kFile, ignored);
}

Result<AppendFile> LedgerStore::open_file(const std::string& path) {
  const auto known = marks();
  if (!known.ok()) return known.error();
  const auto found = std::find_if(known->begin(), known->end(),
                                  [&](const FileMark& mark) { return mark.path == path; });
  if (found != known->end()) return AppendFile::open(path, found->length);

  Result<AppendFile> file = AppendFile::open(path, std::nullopt);
  if (!file.ok()) return file;
  const auto put =
      database_.transaction([&](Transaction& transaction) { put_mark(transaction, file->mark()); });
  if (!put.ok()) return put.error();
  return file;
}

Result<void> LedgerStore::commit(const LedgerFacts& facts, const std::vector<FileMark>& marks) {
  return database_.transaction([&](Transaction& transaction) {
    std::string settled;
    for (const LedgerFacts::Row& row : facts.rows) put_row(transaction, row, settled);
    for (const LedgerFacts::Mark& mark : facts.marks) put_lineage(transaction, mark);
    for (const Lineage& lineage : facts.closed) forget_lineage(transaction, lineage);
    put_totals(transaction, facts.totals);
    for (const FileMark& mark : marks) put_mark(transaction, mark);
  });
}

Result<void> LedgerStore::put(const std::vector<FileMark>& marks) {
  return database_.transaction([&](Transaction& transaction) {
    for (const FileMark& mark : marks) put_mark(transaction, mark);
  });
}

Result<LedgerState> LedgerStore::state() {
  LedgerState state;
  const auto read = database_.transaction([&](Transaction& transaction) {
    read_ledger(transaction, state);
    read_entries(transaction, state);
  });
  if (!read.ok()) return read.error();
  return state;
}

Result<std::vector<FileMark>> LedgerStore::marks() {
  std::vector<FileMark> marks;
  const auto read = database_.transaction([&](Transaction& transaction) {
    transaction.read("SELECT * FROM files ORDER BY path", [&](const SqlRow& row) {
      marks.push_back({std::string(row.text(0)), row.number(1)});
    });
  });
  if (!read.ok()) return read.error();
  return marks;
}

}  // namespace docmill
