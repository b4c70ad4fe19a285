#include "shared/store/database.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <cerrno>
#include <map>
#include <utility>

#include "shared/store/file_descriptor.h"

namespace docmill {
namespace {

// The write-ahead log is folded into the file when it has this many pages of 4 KiB.
constexpr int kFoldPages = 1000;

struct Finalize {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Statement = std::unique_ptr<sqlite3_stmt, Finalize>;

// Makes a prepared statement fit for its next use, however this one ended.
class InUse {
 public:
  explicit InUse(sqlite3_stmt* statement) : statement_(statement) {}
  ~InUse() {
    sqlite3_reset(statement_);
    sqlite3_clear_bindings(statement_);
  }
  InUse(const InUse&) = delete;
  InUse& operator=(const InUse&) = delete;

 private:
  sqlite3_stmt* statement_;
};

struct Bind {
  sqlite3_stmt* statement;
  int place;

  int operator()(std::uint64_t number) const {
    return sqlite3_bind_int64(statement, place, static_cast<sqlite3_int64>(number));
  }
  int operator()(std::string_view text) const {
    return sqlite3_bind_text64(statement, place, text.empty() ? "" : text.data(), text.size(),
                               SQLITE_STATIC, SQLITE_UTF8);
  }
  int operator()(Blob blob) const {
    const char* data = blob.bytes.empty() ? "" : blob.bytes.data();
    return sqlite3_bind_blob64(statement, place, data, blob.bytes.size(), SQLITE_STATIC);
  }
};

}  // namespace

struct Database::Connection {
  std::string path;
  sqlite3* handle = nullptr;
  std::map<std::string, Statement, std::less<>> statements;
  int log_pages = 0;

  ~Connection() {
    statements.clear();
    sqlite3_close(handle);
  }

  // What the SQLite call that has just given the code, with errno 0 before it, means to us.
  Error error(int code) const;
  Error damaged(std::string_view what) const;
  Result<sqlite3_stmt*> prepared(std::string_view sql);
  Result<void> execute(const std::string& sql);
  Result<void> fold(int mode);
  Result<std::string> one(std::string_view sql);
  Result<void> expect(std::string_view pragma, std::string_view value);
  Result<bool> is_new(const DatabaseFormat& format);
  Result<void> set_up(const DatabaseFormat& format);
};

Error Database::Connection::error(int code) const {
  // Before anything else changes it. sqlite3_system_errno knows nothing of a commit that failed.
  const int system = errno;
  const std::string what = sqlite3_errmsg(handle);
  switch (code & 0xff) {
    case SQLITE_FULL:
      return unavailable(fmt::format("{}: write: no space left on device", path));
    case SQLITE_BUSY:
      return unavailable(fmt::format("{}: another program has it open; close it there", path));
    case SQLITE_IOERR:
      if (code == SQLITE_IOERR_WRITE && is_full(system)) {
        return unavailable(fmt::format("{}: write: {}", path, error_text(system)));
      }
      return corrupt(fmt::format("{}: {} ({}); check the disk, then start again", path, what,
                                 error_text(system)));
    case SQLITE_CANTOPEN:
      return file_error(path, "open", system,
                        "let this user write there, or name another state folder");
    case SQLITE_READONLY:
    case SQLITE_PERM:
      return config_error(fmt::format(
          "{}: {}; let this user write there, or name another state folder", path, what));
    case SQLITE_CORRUPT:
      return damaged(sqlite3_errstr(SQLITE_CORRUPT));
    default:
      return damaged(what);
  }
}

Error Database::Connection::damaged(std::string_view what) const {
  return corrupt(
      fmt::format("{}: damaged: {}; check the disk, then start over with --fresh", path, what));
}

Result<sqlite3_stmt*> Database::Connection::prepared(std::string_view sql) {
  if (const auto found = statements.find(sql); found != statements.end()) {
    return found->second.get();
  }
  sqlite3_stmt* statement = nullptr;
  errno = 0;
  const int code = sqlite3_prepare_v3(handle, sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  if (code != SQLITE_OK) return error(code);
  statements.emplace(sql, Statement(statement));
  return statement;
}

Result<void> Database::Connection::execute(const std::string& sql) {
  errno = 0;
  const int code = sqlite3_exec(handle, sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return error(code);
  return {};
}

// Explicitly, because SQLite swallows the errors of its automatic one: a sync that failed has to
// end the process.
Result<void> Database::Connection::fold(int mode) {
  errno = 0;
  const int code = sqlite3_wal_checkpoint_v2(handle, nullptr, mode, nullptr, nullptr);
  if (code != SQLITE_OK) return error(code);
  log_pages = 0;
  return {};
}

Result<std::string> Database::Connection::one(std::string_view sql) {
  const auto statement = prepared(sql);
  if (!statement.ok()) return statement.error();
  const InUse use(*statement);
  errno = 0;
  const int code = sqlite3_step(*statement);
  if (code != SQLITE_ROW) return error(code);
  return std::string(SqlRow(*statement).text(0));
}

// Sets a pragma and reads it back: SQLite says nothing when it does not follow.
Result<void> Database::Connection::expect(std::string_view pragma, std::string_view value) {
  if (auto set = execute(fmt::format("PRAGMA {}={}", pragma, value)); !set.ok()) return set;
  const auto found = one(fmt::format("PRAGMA {}", pragma));
  if (!found.ok()) return found.error();
  if (*found == value) return {};
  return config_error(fmt::format("{}: expected {}={}, found {}; put the state on a local disk",
                                  path, pragma, value, *found));
}

Result<bool> Database::Connection::is_new(const DatabaseFormat& format) {
  const auto application = one("PRAGMA application_id");
  if (!application.ok()) return application.error();
  const auto version = one("PRAGMA user_version");
  if (!version.ok()) return version.error();
  const auto tables = one("SELECT count(*) FROM sqlite_schema");
  if (!tables.ok()) return tables.error();

  if (*application == "0" && *version == "0" && *tables == "0") return true;
  if (*application != std::to_string(format.application)) {
    return corrupt(fmt::format("{}: expected {}, found another program's database; move it away",
                               path, format.kind));
  }
  if (*version != std::to_string(format.version)) {
    return corrupt(
        fmt::format("{}: expected {} of format {}, found format {}; use the docmill that wrote it, "
                    "or start over with --fresh",
                    path, format.kind, format.version, *version));
  }
  return false;
}

Result<void> Database::Connection::set_up(const DatabaseFormat& format) {
  // Before the first access to the log, so that there is no shared memory beside it.
  if (auto set = expect("locking_mode", "exclusive"); !set.ok()) return set;
  const auto empty = is_new(format);
  if (!empty.ok()) return empty.error();
  if (auto set = expect("journal_mode", "wal"); !set.ok()) return set;
  if (auto set = expect("synchronous", "2"); !set.ok()) return set;  // FULL

  sqlite3_wal_hook(
      handle,
      [](void* pages, sqlite3*, const char*, int count) {
        *static_cast<int*>(pages) = count;
        return SQLITE_OK;
      },
      &log_pages);
  if (*empty) {
    return execute(
        fmt::format("BEGIN IMMEDIATE; {} PRAGMA application_id={}; PRAGMA user_version={}; COMMIT",
                    format.tables, format.application, format.version));
  }
  const auto checked = one("PRAGMA quick_check(1)");
  if (!checked.ok()) return checked.error();
  if (*checked != "ok") return error(SQLITE_CORRUPT);
  // A process that died between write and sync leaves commits that are only in memory: we would see
  // them, act on them, and could still lose them.
  return fold(SQLITE_CHECKPOINT_TRUNCATE);
}

std::uint64_t SqlRow::number(int column) const {
  return static_cast<std::uint64_t>(sqlite3_column_int64(statement_, column));
}

std::string_view SqlRow::text(int column) const {
  // The bytes of a text and of a blob are the same call here: the file is UTF-8, nothing converts.
  const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement_, column));
  const int size = sqlite3_column_bytes(statement_, column);
  return bytes == nullptr ? std::string_view()
                          : std::string_view(bytes, static_cast<std::size_t>(size));
}

Result<Database> Database::open(const std::string& path, const DatabaseFormat& format) {
  auto connection = std::make_unique<Connection>();
  connection->path = path;
  const int flags =
      SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  errno = 0;
  const int code = sqlite3_open_v2(path.c_str(), &connection->handle, flags, nullptr);
  if (code != SQLITE_OK) return connection->error(code);
  if (auto done = connection->set_up(format); !done.ok()) return done.error();
  return Database(std::move(connection));
}

Database::Database(std::unique_ptr<Connection> connection) : connection_(std::move(connection)) {}
Database::~Database() = default;
Database::Database(Database&&) noexcept = default;
Database& Database::operator=(Database&&) noexcept = default;

const std::string& Database::path() const { return connection_->path; }

Result<void> Database::transaction(const std::function<void(Transaction&)>& steps) {
  // Before the steps: an Error must mean that nothing changed.
  if (connection_->log_pages >= kFoldPages) {
    if (auto folded = connection_->fold(SQLITE_CHECKPOINT_PASSIVE); !folded.ok()) return folded;
  }
  Transaction transaction(*connection_);
  transaction.run("BEGIN IMMEDIATE");
  if (transaction.result().ok()) steps(transaction);
  transaction.run("COMMIT");
  // After some errors SQLite has rolled back by itself.
  if (!transaction.result().ok() && sqlite3_get_autocommit(connection_->handle) == 0) {
    Transaction undo(*connection_);
    undo.run("ROLLBACK");
    if (!undo.result().ok()) return undo.result();
  }
  return transaction.result();
}

void Transaction::run(std::string_view sql, std::initializer_list<SqlValue> values) {
  read(
      sql, [](const SqlRow&) {}, values);
}

void Transaction::read(std::string_view sql, const std::function<void(const SqlRow&)>& each,
                       std::initializer_list<SqlValue> values) {
  if (!result_.ok()) return;
  const auto statement = connection_.prepared(sql);
  if (!statement.ok()) return fail(statement.error());
  const InUse use(*statement);
  int place = 0;
  for (const SqlValue& value : values) {
    const int code = std::visit(Bind{*statement, ++place}, value);
    if (code != SQLITE_OK) return fail(connection_.error(code));
  }
  errno = 0;
  int code = sqlite3_step(*statement);
  for (; code == SQLITE_ROW; code = sqlite3_step(*statement)) each(SqlRow(*statement));
  if (code != SQLITE_DONE) fail(connection_.error(code));
}

void Transaction::fail_damaged(std::string_view what) { fail(connection_.damaged(what)); }

void Transaction::fail(Error error) {
  if (result_.ok()) result_ = std::move(error);
}

}  // namespace docmill
