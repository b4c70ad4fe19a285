#include "shared/store/database.h"

#include <fmt/format.h>

#include <cerrno>
#include <utility>

#include "shared/store/database_connection.h"
#include "shared/store/disk_reserve.h"
#include "shared/store/file_descriptor.h"
#include "shared/store/folder.h"

namespace docmill {
namespace {

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
  int operator()(double number) const { return sqlite3_bind_double(statement, place, number); }
  int operator()(SqlNull) const { return sqlite3_bind_null(statement, place); }
};

Result<DiskFile> open_locked(Disk& disk, const std::string& path) {
  DiskFile file(disk, disk.open(Disk::kHere, path, O_RDWR | O_CREAT | O_NONBLOCK, 0666));
  if (!file.open()) {
    return file_error(path, "open", errno, "let this user write there, or name another file");
  }
  if (file.lock() == 0) return file;
  if (errno == EWOULDBLOCK) {
    return config_error(
        fmt::format("{}: another process writes to it; give each sink its own file", path));
  }
  return file_error(path, "lock", errno, "put the file on a local disk");
}

}  // namespace

std::uint64_t SqlRow::number(int column) const {
  return static_cast<std::uint64_t>(sqlite3_column_int64(statement_, column));
}

std::string_view SqlRow::text(int column) const {
  // A blob is taken as it is; a text of a UTF-16 database is converted. Then its size is known.
  const void* found = sqlite3_column_type(statement_, column) == SQLITE_BLOB
                          ? sqlite3_column_blob(statement_, column)
                          : sqlite3_column_text(statement_, column);
  const auto* bytes = static_cast<const char*>(found);
  const int size = sqlite3_column_bytes(statement_, column);
  return bytes == nullptr ? std::string_view()
                          : std::string_view(bytes, static_cast<std::size_t>(size));
}

Result<Database> Database::open(Disk& disk, const std::string& path, const DatabaseFormat& format,
                                DiskReserve* reserve) {
  return open_with_room(reserve, [&](std::unique_ptr<Connection>& connection) {
    connection->path = path;
    const int flags =
        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    if (auto opened = connection->open(disk, flags); !opened) return opened;
    return connection->set_up(disk, format);
  });
}

Result<Database> Database::open_shared(Disk& disk, const std::string& path, DiskReserve* reserve) {
  return open_with_room(reserve, [&](std::unique_ptr<Connection>& connection) -> Result<void> {
    if (auto made = make_folder(disk, folder_of(path), 0777); !made.ok()) return made;
    connection->path = path;
    // Not SQLite's locks, which it has only while a transaction runs. Opened before SQLite opens
    // the file: the kernel drops a process's own locks of that kind whenever it closes the file
    // once.
    auto lock = open_locked(disk, path);
    if (!lock.ok()) return lock.error();
    connection->lock = std::move(*lock);
    const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    if (auto opened = connection->open(disk, flags); !opened) return opened;
    return connection->set_up_shared();
  });
}

// Each try has a connection of its own: one that failed may be left in any state.
Result<Database> Database::open_with_room(DiskReserve* reserve, const Opening& open) {
  std::unique_ptr<Connection> connection;
  const auto try_open = [&] {
    connection.reset();
    connection = std::make_unique<Connection>();
    return open(connection);
  };
  const auto opened = with_room(reserve, try_open);
  if (!opened) return opened.error();
  return Database(std::move(connection), reserve);
}

Database::Database(std::unique_ptr<Connection> connection, DiskReserve* reserve)
    : connection_(std::move(connection)), reserve_(reserve) {}
Database::~Database() = default;
Database::Database(Database&&) noexcept = default;
Database& Database::operator=(Database&&) noexcept = default;

const std::string& Database::path() const { return connection_->path; }

Result<void> Database::transaction(const std::function<void(Transaction&)>& steps) {
  return with_room(reserve_, [&] { return try_transaction(steps); });
}

Result<void> Database::try_transaction(const std::function<void(Transaction&)>& steps) {
  // Before the steps: an Error must mean that nothing changed.
  if (connection_->is_fold_due()) {
    if (auto folded = connection_->fold(SQLITE_CHECKPOINT_PASSIVE); !folded.ok()) return folded;
  }
  connection_->sound.clear();
  Transaction transaction(*connection_);
  transaction.run("BEGIN IMMEDIATE");
  if (transaction.result().ok()) {
    if (auto secured = connection_->secure_journal(); !secured) transaction.fail(secured.error());
  }
  if (transaction.result().ok()) steps(transaction);
  transaction.run("COMMIT");
  const bool has_failed = !transaction.result().ok();
  if (has_failed && transaction.result().error().code == ErrorCode::kUnavailable) {
    connection_->fold_soon();
  }
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
  if (auto done = step(sql, {values.begin(), values.size()}, each, Blame::kStatement); !done)
    fail(done.error());
}

Result<void> Transaction::attempt(std::string_view sql, std::span<const SqlValue> values) {
  if (!result_.ok()) return result_;
  auto done = step(
      sql, values, [](const SqlRow&) {}, Blame::kRow);
  if (done.ok()) return done;
  const bool rolled_back = sqlite3_get_autocommit(connection_.handle) != 0;
  if (done.error().code != ErrorCode::kMalformed) {
    fail(done.error());
  } else if (rolled_back) {
    fail(unavailable(""));
  }
  return done;
}

Result<void> Transaction::step(std::string_view sql, std::span<const SqlValue> values,
                               const std::function<void(const SqlRow&)>& each, Blame blame) {
  const auto statement = connection_.prepared(sql);
  if (!statement.ok()) return statement.error();
  const InUse use(*statement);
  int place = 0;
  for (const SqlValue& value : values) {
    const int code = std::visit(Bind{*statement, ++place}, value);
    if (code != SQLITE_OK) return connection_.error(code);
  }
  errno = 0;
  int code = sqlite3_step(*statement);
  for (; code == SQLITE_ROW; code = sqlite3_step(*statement)) each(SqlRow(*statement));
  if (code == SQLITE_DONE) return {};
  return blame == Blame::kRow ? connection_.row_error(sql, code) : connection_.error(code);
}

void Transaction::run_script(const std::string& sql) {
  if (!result_.ok()) return;
  if (auto done = connection_.execute(sql); !done) fail(done.error());
}

std::uint64_t Transaction::changes() const {
  return static_cast<std::uint64_t>(sqlite3_changes64(connection_.handle));
}

const std::string& Transaction::path() const { return connection_.path; }

void Transaction::fail_damaged(std::string_view what) { fail(connection_.damaged(what)); }

void Transaction::fail(Error error) {
  if (result_.ok()) result_ = std::move(error);
}

}  // namespace docmill
