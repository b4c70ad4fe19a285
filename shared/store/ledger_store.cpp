#include "shared/store/ledger_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

#include "shared/base/binary.h"
#include "shared/base/random.h"
#include "shared/store/file_descriptor.h"
#include "shared/store/folder.h"
#include "shared/store/ledger_tables.h"

namespace docmill {
namespace {

constexpr std::string_view kFile = "ledger.db";
// Names the database that has the ledger in place of ledger.db.
constexpr std::string_view kPlaceFile = "ledger.place";
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
      "INSERT INTO @lineages VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO UPDATE SET run = ?3, nonce "
      "= ?4, watermark = max(watermark, ?5)",
      {producer, epoch, std::uint64_t{mark.run.counter}, mark.run.nonce, mark.watermark});
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

void put_totals(LedgerTables& tables, const LedgerTotals& totals) {
  tables.run(
      "UPDATE @ledger SET delivered = ?, filtered = ?, dead = ?, written = ?, suppressed = ?, "
      "collisions = ?",
      {totals.delivered, totals.filtered, totals.dead, totals.written, totals.suppressed,
       totals.collisions});
}

void put_mark(LedgerTables& tables, const FileMark& mark) {
  tables.run("INSERT OR REPLACE INTO @files VALUES (?, ?)", {mark.path, mark.length});
}

void read_ledger(LedgerTables& tables, LedgerState& state) {
  tables.read("SELECT * FROM @ledger", [&](const SqlRow& row) {
    state.id = row.number(0);
    state.totals = {.delivered = row.number(1),
                    .filtered = row.number(2),
                    .dead = row.number(3),
                    .written = row.number(4),
                    .suppressed = row.number(5),
                    .collisions = row.number(6)};
  });
  tables.read("SELECT * FROM @lineages", [&](const SqlRow& row) {
    LineageLedger& ledger = state.lineages[{std::string(row.text(0)), row.number(1)}];
    ledger.run = {static_cast<std::uint32_t>(row.number(2)), row.number(3)};
    ledger.watermark = row.number(4);
  });
}

void read_entries(LedgerTables& tables, LedgerState& state) {
  tables.read(
      "SELECT producer, epoch, sequence, origin_hash, documents, settled FROM @entries "
      "ORDER BY producer, epoch, sequence, place",
      [&](const SqlRow& row) {
        LedgerEntry entry{row.number(3), static_cast<std::uint32_t>(row.number(4)), {}};
        if (!read_settled(row.text(5), entry.settled)) {
          tables.fail_damaged(
              fmt::format("the settled documents of {} {}", row.text(0), row.number(2)));
        }
        LineageLedger& ledger = state.lineages[{std::string(row.text(0)), row.number(1)}];
        ledger.entries[row.number(2)].push_back(std::move(entry));
      });
}

bool read_whole(Disk& disk, const std::filesystem::path& path, std::string& text) {
  const DiskFile file(disk, disk.open(Disk::kHere, path.string(), O_RDONLY, 0));
  FileFacts facts;
  if (!file.open() || file.look(facts) != 0) return false;
  text.resize(facts.size);
  return file.read(text.data(), text.size(), 0) == static_cast<ssize_t>(text.size());
}

// The database that has the ledger; empty when it is the folder's own.
Result<std::string> place_of(Disk& disk, const std::filesystem::path& folder) {
  const std::filesystem::path path = folder / kPlaceFile;
  if (!is_there(disk, path)) return std::string();
  std::string place;
  if (!read_whole(disk, path, place) || place.empty()) {
    return corrupt(
        fmt::format("{}: expected the name of a database, found nothing that can be "
                    "read; check the disk, then start over with --fresh",
                    path.string()));
  }
  return place;
}

// Durable, and never there in part.
Result<void> write_whole(Disk& disk, const std::filesystem::path& path, const std::string& text) {
  const std::string begun = path.string() + ".new";
  disk.remove(Disk::kHere, begun);
  auto file = AppendFile::open(disk, begun, std::nullopt);
  if (!file) return file.error();
  file->append(text);
  if (auto synced = file->sync(); !synced) return synced;
  if (disk.rename(begun, path.string()) != 0) {
    return file_error(path.string(), "rename", errno,
                      "let this user write there, or name another state folder");
  }
  return sync_folder(disk, folder_of(path));
}

Error moved(const std::filesystem::path& folder, const std::string& place,
            const std::string& wanted) {
  const auto name_of = [&](const std::string& database) {
    return database.empty() ? (folder / kFile).string() : database;
  };
  return config_error(
      fmt::format("{}: expected this sink's ledger in {}, found that it is in {}; let the output "
                  "that it belongs to stay as it was, or start over with --fresh",
                  folder.string(), name_of(wanted), name_of(place)));
}

}  // namespace

Result<LedgerStore> LedgerStore::open(const StateFolder& folder) {
  const auto place = place_of(folder.disk(), folder.path());
  if (!place) return place.error();
  return place->empty() ? open_own(folder) : open_in(folder, *place);
}

Result<LedgerStore> LedgerStore::open(const StateFolder& folder, const std::string& database) {
  const auto place = place_of(folder.disk(), folder.path());
  if (!place) return place.error();
  const bool is_new = place->empty() && !exists(folder.disk(), folder.path());
  if (!is_new && *place != database) return moved(folder.path(), *place, database);
  if (database.empty()) return open_own(folder);
  auto store = open_in(folder, database);
  // Last: only who has the ledger may say where it is.
  if (!store || !is_new) return store;
  if (auto kept = write_whole(folder.disk(), folder.path() / kPlaceFile, database); !kept)
    return kept.error();
  return store;
}

Result<LedgerStore> LedgerStore::open_own(const StateFolder& folder) {
  const std::string tables = LedgerTables::statements("");
  const DatabaseFormat format{.kind = "a sink's ledger",
                              .application = kApplication,
                              .version = LedgerTables::kVersion,
                              .tables = tables.c_str()};
  auto database = Database::open(folder.disk(), folder.path() / kFile, format);
  if (!database.ok()) return database.error();
  return begin(LedgerStore(folder.disk(), std::move(*database), ""));
}

Result<LedgerStore> LedgerStore::open_in(const StateFolder& folder, const std::string& path) {
  auto database = Database::open_shared(folder.disk(), path);
  if (!database.ok()) return database.error();
  const auto made = database->transaction([&](Transaction& transaction) {
    LedgerTables(transaction, LedgerTables::kPrefix).make_or_check(folder.name());
  });
  if (!made.ok()) return made.error();
  return begin(LedgerStore(folder.disk(), std::move(*database), LedgerTables::kPrefix));
}

Result<LedgerStore> LedgerStore::begin(LedgerStore store) {
  const auto made = store.change([](LedgerTables& tables) {
    tables.run(
        "INSERT INTO @ledger SELECT ?, 0, 0, 0, 0, 0, 0 WHERE NOT EXISTS (SELECT * FROM @ledger)",
        {random_number()});
  });
  if (!made.ok()) return made.error();
  return store;
}

bool LedgerStore::exists(Disk& disk, const std::filesystem::path& folder) {
  return is_there(disk, folder / kFile) || is_there(disk, folder / kPlaceFile);
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

Result<AppendFile> LedgerStore::open_file(const std::string& path) {
  const auto known = marks();
  if (!known.ok()) return known.error();
  const auto found = std::find_if(known->begin(), known->end(),
                                  [&](const FileMark& mark) { return mark.path == path; });
  if (found != known->end()) return AppendFile::open(*disk_, path, found->length);

  Result<AppendFile> file = AppendFile::open(*disk_, path, std::nullopt);
  if (!file.ok()) return file;
  const auto put = change([&](LedgerTables& tables) { put_mark(tables, file->mark()); });
  if (!put.ok()) return put.error();
  return file;
}

Result<void> LedgerStore::commit(const std::function<Change(Transaction&)>& decide) {
  return database_.transaction([&](Transaction& transaction) {
    const Change change = decide(transaction);
    if (!transaction.result()) return;
    LedgerTables tables(transaction, prefix_);
    std::string settled;
    for (const LedgerFacts::Row& row : change.facts->rows) put_row(tables, row, settled);
    for (const LedgerFacts::Mark& mark : change.facts->marks) put_lineage(tables, mark);
    for (const Lineage& lineage : change.facts->closed) forget_lineage(tables, lineage);
    put_totals(tables, change.facts->totals);
    for (const FileMark& mark : change.marks) put_mark(tables, mark);
  });
}

Result<void> LedgerStore::commit(const LedgerFacts& facts, const std::vector<FileMark>& marks,
                                 const std::function<void(Transaction&)>& with) {
  return commit([&](Transaction& transaction) {
    if (with) with(transaction);
    return Change{&facts, marks};
  });
}

Result<void> LedgerStore::put(const std::vector<FileMark>& marks) {
  return change([&](LedgerTables& tables) {
    for (const FileMark& mark : marks) put_mark(tables, mark);
  });
}

Result<LedgerState> LedgerStore::state() {
  LedgerState state;
  const auto read = change([&](LedgerTables& tables) {
    read_ledger(tables, state);
    read_entries(tables, state);
  });
  if (!read.ok()) return read.error();
  return state;
}

Result<std::vector<FileMark>> LedgerStore::marks() {
  std::vector<FileMark> marks;
  const auto read = change([&](LedgerTables& tables) {
    tables.read("SELECT * FROM @files ORDER BY path", [&](const SqlRow& row) {
      marks.push_back({std::string(row.text(0)), row.number(1)});
    });
  });
  if (!read.ok()) return read.error();
  return marks;
}

std::string LedgerStore::shared_database() const {
  return prefix_.empty() ? std::string() : database_.path();
}

}  // namespace docmill
