#include "sink/database/table_check.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace docmill {
namespace {

struct Found {
  std::string name;
  std::string type;
  bool must_have_value = false;
  bool generated = false;
  bool primary_key = false;
};

// SQLite takes "Title" and "title" for one column.
bool same_name(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [&](char x, char y) { return lower(x) == lower(y); });
}

std::vector<Found> columns_of(Transaction& transaction, const std::string& table) {
  std::vector<Found> columns;
  std::size_t keys = 0;
  transaction.read(
      "SELECT name, type, \"notnull\" AND dflt_value IS NULL, hidden, pk FROM "
      "pragma_table_xinfo(?)",
      [&](const SqlRow& row) {
        columns.push_back({std::string(row.text(0)), std::string(row.text(1)), row.number(2) != 0,
                           row.number(3) != 0, row.number(4) != 0});
        if (row.number(4) != 0) ++keys;
      },
      {table});
  for (Found& column : columns) {
    const bool row_id = column.primary_key && keys == 1 && same_name(column.type, "integer");
    if (row_id) column.must_have_value = false;
    if (keys > 1) column.primary_key = false;
  }
  return columns;
}

// The collation of a UNIQUE index on that column alone.
std::optional<std::string> unique_index(Transaction& transaction, const TableConfig& config) {
  std::optional<std::string> collation;
  transaction.read(
      "SELECT x.coll FROM pragma_index_list(?1) l JOIN pragma_index_xinfo(l.name) x ON x.key "
      "WHERE l.\"unique\" AND NOT l.partial AND x.name = ?2 COLLATE NOCASE AND "
      "(SELECT count(*) FROM pragma_index_xinfo(l.name) WHERE key) = 1",
      [&](const SqlRow& row) { collation = row.text(0); }, {config.table, config.key});
  return collation;
}

std::vector<std::string> problems_of(const TableConfig& config, const std::vector<Found>& found) {
  std::vector<std::string> problems;
  for (const std::string& name : config.columns) {
    const auto column = std::find_if(found.begin(), found.end(),
                                     [&](const Found& one) { return same_name(one.name, name); });
    if (column == found.end()) {
      problems.push_back(name + ": expected a column, found none");
    } else if (column->generated) {
      problems.push_back(name + ": expected a column to write to, found a generated one");
    }
  }
  for (const Found& column : found) {
    const bool given = std::any_of(config.columns.begin(), config.columns.end(),
                                   [&](const auto& name) { return same_name(column.name, name); });
    if (given || !column.must_have_value) continue;
    problems.push_back(column.name +
                       ": expected a path for it, for it is NOT NULL and has no "
                       "default, found none");
  }
  return problems;
}

}  // namespace

std::string sql_name(std::string_view name) {
  std::string quoted = "\"";
  for (const char c : name) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + '"';
}

std::optional<KeyColumn> check_table(Transaction& transaction, const TableConfig& config) {
  std::string kind;
  transaction.read(
      "SELECT type FROM sqlite_schema WHERE name = ? COLLATE NOCASE AND type IN ('table', 'view')",
      [&](const SqlRow& row) { kind = row.text(0); }, {config.table});
  if (kind.empty()) return std::nullopt;
  KeyColumn key;
  std::vector<std::string> problems;
  if (kind == "table") {
    const std::vector<Found> found = columns_of(transaction, config.table);
    problems = problems_of(config, found);
    if (!config.key.empty()) {
      const auto index = unique_index(transaction, config);
      key.collation = index.value_or("");
      bool is_key = index.has_value();
      for (const Found& column : found) {
        if (!same_name(column.name, config.key)) continue;
        key.type = column.type;
        is_key = is_key || column.primary_key;
      }
      if (!is_key) {
        problems.push_back(config.key +
                           ": expected a PRIMARY KEY or UNIQUE column, as it is the key, found "
                           "neither");
      }
    }
  } else {
    problems.push_back("expected a table, found a view");
  }
  if (!problems.empty()) {
    transaction.fail(
        config_error(fmt::format("{}: table {} does not fit: {}; change the table or the settings",
                                 transaction.path(), config.table, fmt::join(problems, "; "))));
  }
  return key;
}

}  // namespace docmill
