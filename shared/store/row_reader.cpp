#include "shared/store/row_reader.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include <algorithm>
#include <atomic>
#include <limits>
#include <optional>

#include "shared/store/file_descriptor.h"
#include "shared/store/sqlite_failure.h"

namespace docmill {
namespace {

constexpr int kBusyMilliseconds = 250;
constexpr std::size_t kRows = 1000;
constexpr std::size_t kBytes = 4 << 20;
constexpr int kInstructions = 10'000;  // of SQLite between two looks at a cancellation

RowValue value_of(sqlite3_stmt* statement, int column, std::size_t& bytes) {
  // The pointer before the size: SQLite converts a text of a UTF-16 database in between.
  const auto content = [&](const void* found) {
    const auto* data = static_cast<const char*>(found);
    const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement, column));
    bytes += size;
    return data == nullptr ? std::string() : std::string(data, size);
  };
  switch (sqlite3_column_type(statement, column)) {
    case SQLITE_INTEGER:
      return std::int64_t{sqlite3_column_int64(statement, column)};
    case SQLITE_FLOAT:
      return sqlite3_column_double(statement, column);
    case SQLITE_TEXT:
      return content(sqlite3_column_text(statement, column));
    case SQLITE_BLOB:
      return RowBlob{content(sqlite3_column_blob(statement, column))};
    default:
      return std::monostate();
  }
}

struct FileIdentity {
  dev_t device = 0;
  ino_t inode = 0;
  bool operator==(const FileIdentity&) const = default;
};

std::optional<FileIdentity> identity_of(const std::string& path) {
  struct stat facts {};
  if (stat(path.c_str(), &facts) != 0) return std::nullopt;
  return FileIdentity{facts.st_dev, facts.st_ino};
}

struct Show {
  std::string operator()(std::monostate) const { return "nothing"; }
  std::string operator()(std::int64_t number) const { return fmt::format("{}", number); }
  std::string operator()(double number) const { return fmt::format("the real {}", number); }
  std::string operator()(const std::string& text) const { return fmt::format("'{}'", text); }
  std::string operator()(const RowBlob&) const { return "a blob"; }
};

// Whether SQLite makes a text of every number that is compared with a column of that type.
bool holds_texts(const char* declared) {
  std::string type = declared == nullptr ? "" : declared;
  for (char& c : type) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
  const auto has = [&](std::string_view word) { return type.find(word) != type.npos; };
  return !has("INT") && (has("CHAR") || has("CLOB") || has("TEXT"));
}

bool is_after(const RowValue& value, const RowValue& before) {
  if (!std::holds_alternative<std::int64_t>(value) && !std::holds_alternative<std::string>(value)) {
    return false;
  }
  return std::holds_alternative<std::monostate>(before) ||
         (value.index() == before.index() && value > before);
}

}  // namespace

struct RowReader::Connection {
  RowQuery query;
  sqlite3* handle = nullptr;
  sqlite3_stmt* statement = nullptr;
  int parameter = 0;
  std::vector<std::string> columns;
  std::size_t cursor = 0;
  bool failed = false;
  std::atomic<bool> cancelled = false;
  FileIdentity file;

  Connection() = default;
  ~Connection() {
    sqlite3_finalize(statement);
    sqlite3_close(handle);
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  Error error(int code) const;
  Result<void> prepare();
  int bind(const RowValue& value) const;
  std::vector<std::string> names() const;
  Result<void> has_same_columns() const;
};

Error RowReader::Connection::error(int code) const {
  const int extended = handle == nullptr ? code : sqlite3_extended_errcode(handle);
  const int system = sqlite3_system_errno(handle);
  const std::string what = sqlite3_errmsg(handle);
  switch (code & 0xff) {
    case SQLITE_CANTOPEN:
      if (system == 0) return config_error(fmt::format("{}: {}", query.path, what));
      return file_error(query.path, "open", system, "let this user read it, and write beside it");
    case SQLITE_NOMEM:
    case SQLITE_PROTOCOL:
    case SQLITE_INTERRUPT:
      return unavailable(fmt::format("{}: {}", query.path, what));
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return unavailable(fmt::format("{}: another program writes to it", query.path));
    case SQLITE_READONLY:
      // What it left half done is taken back by the next program that opens it and may write.
      return unavailable(fmt::format(
          "{}: another program was killed while it wrote; what is there is read when it has been "
          "opened again",
          query.path));
    case SQLITE_NOTADB:
      return config_error(fmt::format(
          "{}: expected a SQLite database, found something else; name another file", query.path));
    case SQLITE_IOERR:
      if (sqlite_failure(extended, system) == Failure::kTransient) {
        return unavailable(
            fmt::format("{}: {}", query.path, system == 0 ? what : error_text(system)));
      }
      [[fallthrough]];
    case SQLITE_CORRUPT:
      return corrupt(fmt::format("{}: {}; check the disk", query.path, what));
    default:
      return config_error(fmt::format("{}: {}", query.path, what));
  }
}

Result<void> RowReader::Connection::prepare() {
  const int code = sqlite3_prepare_v2(handle, query.sql.data(), static_cast<int>(query.sql.size()),
                                      &statement, nullptr);
  if (code != SQLITE_OK) return error(code);
  parameter = sqlite3_bind_parameter_index(statement, ":cursor");
  if (parameter == 0 || sqlite3_bind_parameter_count(statement) != 1 ||
      sqlite3_stmt_readonly(statement) == 0) {
    return config_error(fmt::format(
        "{}: expected a query that reads rows behind ':cursor', such as SELECT * FROM t WHERE id > "
        ":cursor ORDER BY id, found '{}'",
        query.path, query.sql));
  }
  columns = names();
  const auto found = std::find(columns.begin(), columns.end(), query.cursor);
  if (found == columns.end()) {
    return config_error(fmt::format("{}: expected a column {} in the rows of the query, found {}",
                                    query.path, query.cursor, fmt::join(columns, ", ")));
  }
  cursor = static_cast<std::size_t>(found - columns.begin());
  return {};
}

std::vector<std::string> RowReader::Connection::names() const {
  std::vector<std::string> found;
  for (int i = 0; i < sqlite3_column_count(statement); ++i) {
    found.emplace_back(sqlite3_column_name(statement, i));
  }
  return found;
}

// A step prepares the query anew, unasked, when the tables have changed.
Result<void> RowReader::Connection::has_same_columns() const {
  const std::vector<std::string> found = names();
  if (found == columns) return {};
  return config_error(fmt::format(
      "{}: expected the columns {} as before, found {}; name the columns in the query, or start "
      "again: rows that are on their way then differ from what was sent",
      query.path, fmt::join(columns, ", "), fmt::join(found, ", ")));
}

// Before the first row the cursor is below every number and every text; in a column of texts, where
// a number would be a text like others, below all but the empty one.
int RowReader::Connection::bind(const RowValue& value) const {
  if (const auto* number = std::get_if<std::int64_t>(&value)) {
    return sqlite3_bind_int64(statement, parameter, *number);
  }
  if (const auto* text = std::get_if<std::string>(&value)) {
    return sqlite3_bind_text64(statement, parameter, text->data(), text->size(), SQLITE_STATIC,
                               SQLITE_UTF8);
  }
  if (holds_texts(sqlite3_column_decltype(statement, static_cast<int>(cursor)))) {
    return sqlite3_bind_text(statement, parameter, "", 0, SQLITE_STATIC);
  }
  return sqlite3_bind_double(statement, parameter, -std::numeric_limits<double>::infinity());
}

Result<RowReader> RowReader::open(const RowQuery& query) {
  // Before it is opened: what takes its place meanwhile is noticed.
  const auto file = identity_of(query.path);
  if (!file) {
    return config_error(fmt::format(
        "{}: expected a SQLite database, found no file; name one that is there", query.path));
  }
  auto connection = std::make_unique<Connection>();
  connection->query = query;
  connection->file = *file;
  const int code = sqlite3_open_v2(query.path.c_str(), &connection->handle,
                                   SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, nullptr);
  if (code != SQLITE_OK) return connection->error(code);
  sqlite3_busy_timeout(connection->handle, kBusyMilliseconds);
  // Not sqlite3_interrupt(): it does nothing to a query that is about to begin.
  sqlite3_progress_handler(
      connection->handle, kInstructions,
      [](void* of) { return static_cast<Connection*>(of)->cancelled.load() ? 1 : 0; },
      connection.get());
  if (auto prepared = connection->prepare(); !prepared) return prepared.error();
  return RowReader(std::move(connection));
}

RowReader::RowReader(std::unique_ptr<Connection> connection) : connection_(std::move(connection)) {}
RowReader::~RowReader() = default;
RowReader::RowReader(RowReader&&) noexcept = default;
RowReader& RowReader::operator=(RowReader&&) noexcept = default;

bool RowReader::has_failed() const { return connection_->failed; }
void RowReader::cancel() { connection_->cancelled = true; }

bool RowReader::is_replaced() const {
  const auto now = identity_of(connection_->query.path);
  return now && *now != connection_->file;
}

const std::vector<std::string>& RowReader::columns() const { return connection_->columns; }
std::size_t RowReader::cursor_column() const { return connection_->cursor; }

Result<std::vector<Row>> RowReader::after(const RowValue& cursor) {
  Connection& connection = *connection_;
  std::vector<Row> rows;
  std::size_t bytes = 0;
  int code = connection.bind(cursor);
  if (code == SQLITE_OK) code = sqlite3_step(connection.statement);
  Result<void> found = connection.has_same_columns();
  RowValue last = cursor;
  while (found && code == SQLITE_ROW) {
    Row& row = rows.emplace_back();
    for (std::size_t i = 0; i < connection.columns.size(); ++i) {
      row.push_back(value_of(connection.statement, static_cast<int>(i), bytes));
    }
    if (!is_after(row[connection.cursor], last)) {
      found = config_error(fmt::format(
          "{}: expected a whole number or text in {} above {}, found {}; order the rows by it, and "
          "ask for those above ':cursor'",
          connection.query.path, connection.query.cursor, std::visit(Show{}, last),
          std::visit(Show{}, row[connection.cursor])));
      break;
    }
    last = row[connection.cursor];
    if (rows.size() >= kRows || bytes >= kBytes) break;
    code = sqlite3_step(connection.statement);
  }
  connection.failed = code != SQLITE_ROW && code != SQLITE_DONE;
  if (connection.failed) found = connection.error(code);
  // Whatever was read: the lock goes with it.
  sqlite3_reset(connection.statement);
  sqlite3_clear_bindings(connection.statement);
  if (!found) return found.error();
  return rows;
}

}  // namespace docmill
