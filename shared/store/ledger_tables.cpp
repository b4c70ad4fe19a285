#include "shared/store/ledger_tables.h"

#include <fmt/format.h>

namespace docmill {
namespace {

// '@' stands for the prefix, here and in every statement.
constexpr std::string_view kTables = R"(
CREATE TABLE @ledger (
  id INTEGER NOT NULL,
  commits INTEGER NOT NULL,
  delivered INTEGER NOT NULL,
  filtered INTEGER NOT NULL,
  dead INTEGER NOT NULL,
  written INTEGER NOT NULL,
  suppressed INTEGER NOT NULL,
  collisions INTEGER NOT NULL
) STRICT;
CREATE TABLE @lives (
  first INTEGER PRIMARY KEY,
  number INTEGER NOT NULL
) STRICT;
CREATE TABLE @lineages (
  producer TEXT NOT NULL,
  epoch INTEGER NOT NULL,
  run INTEGER NOT NULL,
  nonce INTEGER NOT NULL,
  watermark INTEGER NOT NULL,
  documents INTEGER NOT NULL,
  PRIMARY KEY (producer, epoch)
) STRICT, WITHOUT ROWID;
CREATE TABLE @entries (
  producer TEXT NOT NULL,
  epoch INTEGER NOT NULL,
  sequence INTEGER NOT NULL,
  origin_hash INTEGER NOT NULL,
  place INTEGER NOT NULL,
  documents INTEGER NOT NULL,
  settled BLOB NOT NULL,
  PRIMARY KEY (producer, epoch, sequence, origin_hash)
) STRICT, WITHOUT ROWID;
CREATE TABLE @files (
  path TEXT PRIMARY KEY,
  length INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE @spools (
  spool TEXT PRIMARY KEY,
  receiver TEXT NOT NULL,
  delivered INTEGER NOT NULL,
  refused INTEGER NOT NULL,
  waiting INTEGER NOT NULL,
  lost INTEGER NOT NULL,
  ranges BLOB NOT NULL
) STRICT, WITHOUT ROWID;
)";

// Added within version 3: a docmill that does not know these tables leaves them alone.
constexpr std::string_view kAddedTables = R"(
CREATE TABLE IF NOT EXISTS @segments (
  path TEXT PRIMARY KEY,
  output TEXT NOT NULL,
  kind TEXT NOT NULL,
  packing TEXT NOT NULL,
  "end" TEXT NOT NULL,
  ended INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS @file_identities (
  path TEXT PRIMARY KEY,
  number INTEGER NOT NULL,
  born INTEGER NOT NULL,
  length INTEGER NOT NULL,
  tail INTEGER NOT NULL,
  hash INTEGER NOT NULL,
  own_name INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
)";

// Beside them in other people's databases, where SQLite's own fields are not ours to set.
constexpr std::string_view kFormatTable =
    "CREATE TABLE @format (version INTEGER NOT NULL, sink TEXT NOT NULL, pipeline TEXT NOT NULL, "
    "folder TEXT NOT NULL) STRICT;";

}  // namespace

std::string LedgerTables::named(std::string_view sql, std::string_view prefix) {
  std::string text;
  text.reserve(sql.size() + 8 * prefix.size());
  for (const char c : sql) {
    if (c == '@') {
      text += prefix;
    } else {
      text += c;
    }
  }
  return text;
}

std::string LedgerTables::statements(std::string_view prefix) { return named(kTables, prefix); }

void LedgerTables::make_added() { transaction_.run_script(named(kAddedTables, prefix_)); }

void LedgerTables::put_mark(const FileMark& mark) {
  run("INSERT OR REPLACE INTO @files VALUES (?, ?)", {mark.path, mark.length});
  if (mark.ended) run("UPDATE @segments SET ended = 1 WHERE path = ?", {mark.path});
  if (!mark.file.known()) return;
  run("INSERT OR REPLACE INTO @file_identities VALUES (?, ?, ?, ?, ?, ?, ?)",
      {mark.path, mark.file.number, mark.file.born, mark.length, mark.tail.size, mark.tail.hash,
       static_cast<std::uint64_t>(mark.growth)});
}

void LedgerTables::make_or_check(const Owner& owner) {
  bool is_new = true;
  read("SELECT 1 FROM sqlite_schema WHERE name = '@format'",
       [&](const SqlRow&) { is_new = false; });
  if (is_new) {
    transaction_.run_script(named(kFormatTable, prefix_) + statements(prefix_));
    return run("INSERT INTO @format VALUES (?, ?, ?, ?)",
               {std::uint64_t{kVersion}, owner.sink, owner.pipeline, owner.folder});
  }
  read("SELECT version, sink, pipeline, folder FROM @format", [&](const SqlRow& row) {
    if (row.number(0) != kVersion) {
      transaction_.fail(corrupt(
          fmt::format("{}: expected a sink's ledger of format {}, found format {}; use the docmill "
                      "that wrote it, or start over with --fresh",
                      transaction_.path(), kVersion, row.number(0))));
    } else if (row.text(1) != owner.sink) {
      transaction_.fail(config_error(fmt::format(
          "{}: expected the ledger of sink {}, found that of {}; give each sink its own "
          "file, with {{sink}} in its path",
          transaction_.path(), owner.sink, row.text(1))));
    } else if (owner.is_new && (row.text(2) != owner.pipeline || row.text(3) != owner.folder)) {
      transaction_.fail(config_error(
          fmt::format("{}: expected no ledger, as {} is new, found that of sink {} of pipeline "
                      "'{}' with its state in {}; give each pipeline a database of its own",
                      transaction_.path(), owner.folder, row.text(1), row.text(2), row.text(3))));
    }
  });
}

}  // namespace docmill
