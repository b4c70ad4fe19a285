#include "sink/database/table_check.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

namespace docmill {
namespace {

struct Found {
  std::string name;
  std::string type;
  bool must_have_value = false;
  bool generated = false;
  bool row_id = false;
};

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

bool ask(Transaction& transaction, std::string_view sql, const std::string& table) {
  bool answer = false;
  transaction.read(sql, [&](const SqlRow& row) { answer = row.number(0) != 0; }, {table});
  return answer;
}

// A primary key without an index is another name of the row id, as INTEGER PRIMARY KEY is in most
// tables, though not in all.
bool has_row_id_key(Transaction& transaction, const std::string& table) {
  return ask(transaction,
             "SELECT NOT EXISTS (SELECT 1 FROM pragma_index_list(?1) WHERE origin = 'pk') AND "
             "(SELECT count(*) FROM pragma_table_xinfo(?1) WHERE pk) = 1",
             table);
}

std::vector<Found> columns_of(Transaction& transaction, const std::string& table) {
  std::vector<Found> columns;
  const bool row_id = has_row_id_key(transaction, table);
  transaction.read(
      "SELECT name, type, \"notnull\" AND dflt_value IS NULL, hidden, pk FROM "
      "pragma_table_xinfo(?)",
      [&](const SqlRow& row) {
        Found& found =
            columns.emplace_back(Found{std::string(row.text(0)), std::string(row.text(1)),
                                       row.number(2) != 0, row.number(3) != 0});
        found.row_id = row_id && row.number(4) != 0;
        if (found.row_id) found.must_have_value = false;
      },
      {table});
  return columns;
}

// The collation of the first UNIQUE index on that column alone, PRIMARY KEY included.
std::optional<std::string> unique_index(Transaction& transaction, const TableConfig& config) {
  std::optional<std::string> collation;
  transaction.read(
      "SELECT x.coll FROM pragma_index_list(?1) l JOIN pragma_index_xinfo(l.name) x ON x.key "
      "WHERE l.\"unique\" AND NOT l.partial AND x.name = ?2 COLLATE NOCASE AND "
      "(SELECT count(*) FROM pragma_index_xinfo(l.name) WHERE key) = 1 ORDER BY l.seq LIMIT 1",
      [&](const SqlRow& row) { collation = row.text(0); }, {config.table, config.key});
  return collation;
}

// Nothing when two rows may have the same one.
std::optional<KeyColumn> key_of(Transaction& transaction, const TableConfig& config,
                                const std::vector<Found>& found) {
  const auto column = std::find_if(found.begin(), found.end(), [&](const Found& one) {
    return same_name(one.name, config.key);
  });
  if (column == found.end()) return std::nullopt;
  const bool strict = ask(
      transaction, "SELECT strict FROM pragma_table_list(?) WHERE schema = 'main'", config.table);
  KeyColumn key;
  key.affinity = affinity_of(column->type, strict);
  key.row_id = column->row_id;
  if (key.row_id) return key;
  const auto index = unique_index(transaction, config);
  if (!index) return std::nullopt;
  key.collation = *index;
  return key;
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

bool same_name(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

std::string sql_name(std::string_view name) {
  std::string quoted = "\"";
  for (const char c : name) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + '"';
}

// By the rules of SQLite, section "Determination Of Column Affinity". ANY keeps every value as it
// is in a STRICT table, and is one of the unknown types elsewhere.
std::string affinity_of(std::string_view type, bool strict) {
  std::string name(type);
  std::transform(name.begin(), name.end(), name.begin(), lower);
  if (name.empty() || (strict && name == "any")) return "BLOB";
  struct Rule {
    std::string_view part;
    const char* affinity;
  };
  constexpr std::array<Rule, 8> kRules = {{{"int", "INTEGER"},
                                           {"char", "TEXT"},
                                           {"clob", "TEXT"},
                                           {"text", "TEXT"},
                                           {"blob", "BLOB"},
                                           {"real", "REAL"},
                                           {"floa", "REAL"},
                                           {"doub", "REAL"}}};
  for (const Rule& rule : kRules) {
    if (name.find(rule.part) != std::string::npos) return rule.affinity;
  }
  return "NUMERIC";
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
      const auto unique = key_of(transaction, config, found);
      if (unique) {
        key = *unique;
      } else {
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
