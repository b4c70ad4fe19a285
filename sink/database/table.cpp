#include "sink/database/table.h"

#include <fmt/format.h>

#include <algorithm>

#include "sink/database/table_check.h"

namespace docmill {
namespace {

std::string versions_name(const TableConfig& config) {
  return "docmill_versions_" + config.table + "_" + config.key;
}
std::string versions_of(const TableConfig& config) { return sql_name(versions_name(config)); }

void make_table(Transaction& transaction, const TableConfig& config) {
  std::string columns;
  for (const std::string& name : config.columns) {
    columns += (columns.empty() ? "" : ", ") + sql_name(name);
    if (name == config.key) columns += " PRIMARY KEY NOT NULL";
  }
  transaction.run_script(fmt::format("CREATE TABLE {} ({})", sql_name(config.table), columns));
}

// Whether there is a table of versions, and its keys compare as those of the table.
enum class Versions { kMissing, kSame, kOther };
Versions look_at_versions(Transaction& transaction, const TableConfig& config,
                          const KeyColumn& key) {
  Versions found = Versions::kMissing;
  transaction.read(
      "SELECT c.type, x.coll FROM pragma_table_xinfo(?1) c JOIN pragma_index_list(?1) l ON "
      "l.origin = 'pk' JOIN pragma_index_xinfo(l.name) x ON x.name = c.name WHERE c.name = 'key'",
      [&](const SqlRow& row) {
        const bool same =
            affinity_of(row.text(0), false) == key.affinity && row.text(1) == key.collation;
        found = same ? Versions::kSame : Versions::kOther;
      },
      {versions_name(config)});
  return found;
}

// The keys compare as in the table itself.
void make_versions(Transaction& transaction, const TableConfig& config, const KeyColumn& key) {
  transaction.run_script(fmt::format(
      "CREATE TABLE {0} (\"key\" {1} COLLATE {2} NOT NULL, producer TEXT NOT NULL, epoch "
      "INTEGER NOT NULL, sequence INTEGER NOT NULL, \"index\" INTEGER NOT NULL, part INTEGER NOT "
      "NULL, PRIMARY KEY (\"key\", producer)) WITHOUT ROWID; CREATE INDEX {3} ON {0} "
      "(producer, epoch, sequence);",
      versions_of(config), key.affinity, sql_name(key.collation),
      sql_name("docmill_ages_" + config.table + "_" + config.key)));
}

// Earlier versions of docmill took every ANY for NUMERIC; the owner of the table may have changed
// its key, too. Only the table itself knows the keys that the numbers were made of.
void remake_versions(Transaction& transaction, const TableConfig& config, const KeyColumn& key) {
  transaction.run_script(fmt::format(
      "CREATE TABLE docmill_former AS SELECT * FROM {0}; DROP TABLE {0};", versions_of(config)));
  make_versions(transaction, config, key);
  transaction.run_script(fmt::format(
      "INSERT OR IGNORE INTO {0} SELECT t.{1}, f.producer, f.epoch, f.sequence, f.\"index\", "
      "f.part "
      "FROM docmill_former f JOIN {2} t ON t.{1} = f.\"key\"; DROP TABLE docmill_former;",
      versions_of(config), sql_name(config.key), sql_name(config.table)));
}

// What a column of that affinity makes of ?1. Comparing it does not do the same: 2^53 + 1 becomes
// 2^53 in a column of type REAL, and is not equal to it.
const char* as_stored(const KeyColumn& key) {
  return key.affinity == "REAL"
             ? "iif(CAST(?1 AS NUMERIC) = ?1, CAST(CAST(?1 AS NUMERIC) AS REAL), ?1)"
             : "?1";
}

}  // namespace

DatabaseTable::DatabaseTable(const TableConfig& config, const KeyColumn& how)
    : keyed_(!config.key.empty()), table_(config.table) {
  std::string names;
  std::string places;
  std::string updates;
  for (std::size_t i = 0; i < config.columns.size(); ++i) {
    const std::string name = sql_name(config.columns[i]);
    const char* const comma = i == 0 ? "" : ", ";
    names += comma + name;
    places += fmt::format("{}?{}", comma, i + 1);
    if (config.columns[i] == config.key) {
      key_ = i;
    } else {
      updates += fmt::format("{}{} = excluded.{}", updates.empty() ? "" : ", ", name, name);
    }
  }
  std::string into = fmt::format("INTO {} ({}) VALUES ({})", sql_name(config.table), names, places);
  if (keyed_) {
    const std::string key = sql_name(config.key);
    // A known key counts as one change in any case: no change means that the row was refused.
    if (updates.empty()) updates = fmt::format("{0} = {0}", key);
    const std::string collate = how.row_id ? "" : " COLLATE " + sql_name(how.collation);
    into += fmt::format(" ON CONFLICT ({}{}) DO UPDATE SET {}", key, collate, updates);
  }
  insert_ = "INSERT " + into;
  insert_or_abort_ = "INSERT OR ABORT " + into;
  if (!keyed_) return;
  const std::string versions = versions_of(config);
  find_version_ = fmt::format(
      "SELECT 1 FROM {} WHERE \"key\" = {} AND producer = ?2 AND (epoch, sequence, \"index\", "
      "part) >= (?3, ?4, ?5, ?6)",
      versions, as_stored(how));
  note_version_ = fmt::format(
      "INSERT INTO {} VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO UPDATE SET epoch = ?3, "
      "sequence = ?4, \"index\" = ?5, part = ?6",
      versions);
  forget_up_to_ =
      fmt::format("DELETE FROM {} WHERE producer = ? AND epoch = ? AND sequence <= ?", versions);
  forget_epoch_ = fmt::format("DELETE FROM {} WHERE producer = ? AND epoch = ?", versions);
}

Result<DatabaseTable> DatabaseTable::open(LedgerStore& ledger, const TableConfig& config) {
  KeyColumn key;
  const auto opened = ledger.transaction([&](Transaction& transaction) {
    const auto found = check_table(transaction, config);
    key = found.value_or(KeyColumn{});
    if (!found) make_table(transaction, config);
    if (config.key.empty() || !transaction.result().ok()) return;
    const Versions versions = look_at_versions(transaction, config, key);
    if (versions == Versions::kMissing) make_versions(transaction, config, key);
    if (versions == Versions::kOther) remake_versions(transaction, config, key);
  });
  if (!opened) return opened.error();
  return DatabaseTable(config, key);
}

bool DatabaseTable::is_newer(Transaction& transaction, const DocumentId& id,
                             const ColumnValue& key) const {
  bool found = false;
  transaction.read(find_version_, [&](const SqlRow&) { found = true; },
                   {as_sql(key), id.producer, id.epoch, id.sequence, std::uint64_t{id.index},
                    std::uint64_t{id.part}});
  return !found;
}

DatabaseTable::Rules DatabaseTable::rules(Transaction& transaction) const {
  Rules rules;
  transaction.read(
      "SELECT max(type = 'trigger'), max(type = 'table' AND name = ? COLLATE NOCASE AND sql LIKE "
      "'%conflict%') FROM sqlite_schema",
      [&](const SqlRow& row) {
        rules = {.triggers = row.number(0) != 0, .conflicts = row.number(1) != 0};
      },
      {table_});
  return rules;
}

// A clause ON CONFLICT of the table could drop this row or delete others, unseen: changes() does
// not count what REPLACE deletes. OR ABORT overrules it. It also overrules the clauses of
// statements in triggers, which are nobody's mistake, so that it is not used on other tables.
// A savepoint takes back what RAISE(FAIL) and RAISE(IGNORE) leave.
Result<void> DatabaseTable::insert(Transaction& transaction, const Rules& rules,
                                   const std::vector<ColumnValue>& row) const {
  std::vector<SqlValue> values;
  values.reserve(row.size());
  for (const ColumnValue& value : row) values.push_back(as_sql(value));
  if (rules.triggers) transaction.run("SAVEPOINT docmill_row");
  auto inserted = transaction.attempt(rules.conflicts ? insert_or_abort_ : insert_, values);
  if (inserted && transaction.changes() == 0) {
    inserted = malformed(
        fmt::format("expected a new or changed row in {}, got none; a trigger ignores it", table_));
  }
  if (rules.triggers) {
    if (!inserted) transaction.run("ROLLBACK TO docmill_row");
    transaction.run("RELEASE docmill_row");
  }
  return inserted;
}

Result<void> DatabaseTable::put(Transaction& transaction, const Rules& rules, const DocumentId& id,
                                const std::vector<ColumnValue>& row) const {
  if (keyed_ && !is_newer(transaction, id, row[key_])) return {};
  auto put = insert(transaction, rules, row);
  // Last: a rejected row must not keep an earlier document of its key out.
  if (put && keyed_) {
    transaction.run(note_version_, {as_sql(row[key_]), id.producer, id.epoch, id.sequence,
                                    std::uint64_t{id.index}, std::uint64_t{id.part}});
  }
  return put;
}

void DatabaseTable::forget(Transaction& transaction, const LedgerFacts& facts) const {
  if (!keyed_) return;
  for (const LedgerFacts::Mark& mark : facts.marks) {
    transaction.run(forget_up_to_, {mark.lineage.producer, mark.lineage.epoch, mark.watermark});
  }
  for (const Lineage& lineage : facts.closed) {
    transaction.run(forget_epoch_, {lineage.producer, lineage.epoch});
  }
}

}  // namespace docmill
