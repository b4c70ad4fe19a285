#include "sink/outputs/sqlite.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <limits>
#include <utility>

#include "shared/config/schema.h"
#include "sink/database/column_values.h"
#include "sink/database/table.h"
#include "sink/database/table_check.h"

namespace docmill {

// In the order of the file, which is the order in a table that is made.
struct ColumnList {
  std::vector<ColumnConfig> all;
};

template <>
struct NodeType<ColumnList> {
  static std::string name() { return "mapping of column to path"; }
  static ColumnList read(const YamlNode& node, const Place& place) {
    using Map = std::map<std::string, std::string>;
    const auto values = Shape<Map>::read(node, place, {}).value_or(Map());
    ColumnList columns;
    for (const YamlEntry& entry : node.entries) {
      const auto value = values.find(entry.key);
      if (value != values.end()) columns.all.push_back({value->first, value->second});
    }
    return columns;
  }
};

namespace {

// After a row that rolled back the whole transaction, groups end at this many rows. Every such row
// costs the rows before it in its group once more.
constexpr std::size_t kCautiousRows = 256;
constexpr std::size_t kNoLimit = std::numeric_limits<std::size_t>::max();

struct SqliteConfig {
  std::filesystem::path path;
  std::string table;
  ColumnList columns;
  std::optional<std::string> key;
  PathNamespaces namespaces;
};

class SqliteOutput final : public Output {
 public:
  SqliteOutput(ColumnValues values, DatabaseTable table)
      : values_(std::move(values)), table_(std::move(table)) {}

  void add(const DocumentId& id, const DocumentView& document) override {
    Row& row = rows_.emplace_back();
    auto values = values_.read(id, document);
    if (!values) return reject(rows_.size() - 1, values.error().text);
    row.producer = id.producer;
    row.id = id;
    row.values = std::move(*values);
  }
  Result<void> sync() override { return {}; }
  void marks(std::vector<FileMark>&) const override {}
  Rejects rejects() const override { return Rejects::kInTransaction; }
  std::vector<Rejected> take_rejected() override { return std::exchange(rejected_, {}); }

  void write(Transaction& transaction, const LedgerFacts& facts) override {
    const DatabaseTable::Rules rules = table_.rules(transaction);
    for (std::size_t i = 0; i < rows_.size() && transaction.result().ok(); ++i) {
      Row& row = rows_[i];
      if (row.rejected) continue;
      row.id.producer = row.producer;
      const auto put = table_.put(transaction, rules, row.id, row.values);
      if (!put && put.error().code == ErrorCode::kMalformed) {
        reject(i, put.error().text);
        rolled_back_ = rolled_back_ || !transaction.result().ok();
      }
    }
    table_.forget(transaction, facts);
  }
  bool full(std::size_t waiting) const override { return rows_.size() + waiting >= most_rows_; }
  Result<void> settle() override {
    rows_.clear();
    most_rows_ = rolled_back_                ? kCautiousRows
                 : most_rows_ > kNoLimit / 2 ? kNoLimit
                                             : most_rows_ * 2;
    rolled_back_ = false;
    return {};
  }

 private:
  struct Row {
    std::string producer;
    DocumentId id;
    std::vector<ColumnValue> values;
    bool rejected = false;  // for good, whatever becomes of the transaction
  };

  void reject(std::size_t number, const std::string& reason) {
    rows_[number].rejected = true;
    rejected_.push_back({number, reason});
  }

  ColumnValues values_;
  DatabaseTable table_;
  std::vector<Row> rows_;
  std::vector<Rejected> rejected_;
  std::size_t most_rows_ = kNoLimit;  // of a group
  bool rolled_back_ = false;          // a row of this group ended its transaction
};

Result<std::unique_ptr<Output>> open(const std::any& settings, const OutputContext& context) {
  const auto& config = std::any_cast<const SqliteConfig&>(settings);
  auto columns = config.columns.all;
  for (ColumnConfig& column : columns) column.key = column.name == config.key;
  auto values = ColumnValues::make(columns, config.namespaces);
  if (!values) return values.error();
  TableConfig table{config.table, {}, config.key.value_or("")};
  for (const ColumnConfig& column : config.columns.all) table.columns.push_back(column.name);
  auto opened = DatabaseTable::open(context.ledger, table);
  if (!opened) return opened.error();
  return std::unique_ptr<Output>(
      std::make_unique<SqliteOutput>(std::move(*values), std::move(*opened)));
}

// SQLite takes "Title" and "title" for one column.
std::optional<std::string> same_column(const std::vector<ColumnConfig>& columns) {
  for (auto one = columns.begin(); one != columns.end(); ++one) {
    const auto other = std::find_if(std::next(one), columns.end(), [&](const ColumnConfig& column) {
      return same_name(column.name, one->name);
    });
    if (other == columns.end()) continue;
    return fmt::format(
        "columns: expected names that differ in more than case, got '{}' and '{}'; rename one",
        one->name, other->name);
  }
  return std::nullopt;
}

std::optional<std::string> problem(const SqliteConfig& config) {
  if (config.columns.all.empty()) return "columns: expected at least one, found none";
  auto values = ColumnValues::make(config.columns.all, config.namespaces);
  if (!values) return "columns." + values.error().text;
  if (auto twice = same_column(config.columns.all)) return twice;
  const bool known =
      !config.key ||
      std::any_of(config.columns.all.begin(), config.columns.all.end(),
                  [&](const ColumnConfig& column) { return column.name == *config.key; });
  if (known) return std::nullopt;
  return fmt::format("key: expected one of the columns, found '{}'", *config.key);
}

std::optional<std::string> own_name(const std::string& table) {
  if (table.empty()) return "expected a name, found none";
  if (!table.starts_with("docmill_") && !table.starts_with("sqlite_")) return std::nullopt;
  return fmt::format(
      "expected a name that begins neither with docmill_ nor with sqlite_, found "
      "'{}'",
      table);
}

}  // namespace

OutputComponent sqlite_output() {
  return {
      Schema<SqliteConfig>(
          "sqlite",
          "Makes each document a row of a table in a SQLite database, exactly once: the rows and "
          "the sink's ledger are one transaction, so the ledger is in that database. What a row "
          "cannot be made of, or the table does not take, becomes a dead letter, whatever the "
          "table's clauses ON CONFLICT and triggers say. One for each sink.")
          .field("path", &SqliteConfig::path,
                 "The database; created when missing. {sink} is the sink's name.", required,
                 example("out/{sink}/books.db"))
          .field("table", &SqliteConfig::table,
                 "Created when missing, with columns that keep every value as it is. One that is "
                 "there must fit.",
                 required, example("books"), check(own_name))
          .field("columns", &SqliteConfig::columns,
                 "Column and where its value is: for XML an XPath, for JSON a JSON Pointer, the "
                 "first thing that it finds, else NULL. JSON's numbers, texts and null keep their "
                 "type, true is 1, false is 0, an object or array is its JSON; what XML has is "
                 "text, except for an XPath that is a number, such as number(year), or a boolean: "
                 "whole numbers up to 2^53 are integers, NaN is NULL. $document is the document "
                 "itself; $source, $record, $offset and $line are "
                 "where it came from; $producer, $epoch, $sequence, $index and $part which one it "
                 "is; $note.NAME what a processor noted, such as $note.key.",
                 required, example("{ title: title, document: $document }"))
          .field("key", &SqliteConfig::key,
                 "A row replaces the one with the same value in this column, which is UNIQUE, but "
                 "never one of a later document of the same producer.",
                 example("title"))
          .field("namespaces", &SqliteConfig::namespaces, kNamespacesMeaning,
                 example("{ o: 'urn:orders' }"))
          .consistent(problem),
      open,
      [](const std::any& settings) { return std::any_cast<const SqliteConfig&>(settings).path; },
      {},
      [](const std::any& settings) {
        const std::string path = std::any_cast<const SqliteConfig&>(settings).path.string();
        return std::vector{path, path + "-journal"};
      }};
}

}  // namespace docmill
