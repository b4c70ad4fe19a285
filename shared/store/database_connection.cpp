#include "shared/store/database_connection.h"

#include <fmt/format.h>

#include <cerrno>
#include <charconv>

#include "shared/store/file_descriptor.h"
#include "shared/store/folder.h"
#include "shared/store/sqlite_failure.h"

namespace docmill {
namespace {

// How long a call waits for another program's lock, before it is the caller's turn.
constexpr int kBusyMilliseconds = 250;

// Beside the database itself, not beside a symbolic link to it.
std::string journal_of(sqlite3* handle) {
  return sqlite3_filename_journal(sqlite3_db_filename(handle, "main"));
}

}  // namespace

Result<void> Database::Connection::open(Disk& disk, int flags) {
  errno = 0;
  const int code = sqlite3_open_v2(path.c_str(), &handle, flags, disk.database_files());
  return code == SQLITE_OK ? Result<void>() : error(code);
}

Error Database::Connection::error(int code) const {
  // Before anything else changes it. sqlite3_system_errno() knows nothing of a commit that failed,
  // and what SQLite did after the failure may have changed errno: either can have the cause.
  const int last = errno;
  const int noted = sqlite3_system_errno(handle);
  const int system = last != 0 && (is_transient(last) || !is_transient(noted)) ? last : noted;
  const std::string what = sqlite3_errmsg(handle);
  if (lock) {
    if (auto error = shared_error(code)) return *error;
  }
  switch (code & 0xff) {
    case SQLITE_FULL:
      return unavailable(fmt::format("{}: write: no space left on device", path));
    case SQLITE_BUSY:
      return unavailable(fmt::format("{}: another program has it open; close it there", path));
    case SQLITE_NOMEM:
      return unavailable(fmt::format("{}: {}", path, what));
    case SQLITE_IOERR:
      if (sqlite_failure(code, system) == Failure::kTransient) {
        const bool writes = code == SQLITE_IOERR_WRITE;
        return unavailable(fmt::format("{}: {}: {}", path, writes ? "write" : what,
                                       system == 0 ? what : error_text(system)));
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
      if (sqlite_failure(code, system) == Failure::kTransient) {
        return unavailable(fmt::format("{}: {}", path, what));
      }
      return damaged(what);
  }
}

// In a file of others less is ours to know.
std::optional<Error> Database::Connection::shared_error(int code) const {
  const std::string what = sqlite3_errmsg(handle);
  switch (code & 0xff) {
    case SQLITE_BUSY:
      return unavailable(fmt::format("{}: another program reads it or writes to it", path));
    case SQLITE_CONSTRAINT:
    case SQLITE_MISMATCH:
    case SQLITE_TOOBIG:
      return malformed(what);
    case SQLITE_NOTADB:
      return config_error(fmt::format(
          "{}: expected a SQLite database, found something else; name another file", path));
    case SQLITE_ERROR:
    case SQLITE_SCHEMA:
      return config_error(fmt::format("{}: {}", path, what));
    case SQLITE_READONLY:
    case SQLITE_PERM:
      return config_error(
          fmt::format("{}: {}; let this user write there, and in its folder", path, what));
    case SQLITE_CORRUPT:
      return corrupt(fmt::format("{}: damaged: {}; repair it, or put a copy of it back", path,
                                 sqlite3_errstr(SQLITE_CORRUPT)));
    default:
      return std::nullopt;
  }
}

// A change is prepared anew, unasked, when the tables have changed: SQLITE_ERROR may be about the
// statement, whatever its row is. One that still can be prepared failed for its row: an expression
// of an index, a generated column, a check or a trigger has no value for it. Once for each
// transaction: while it runs the tables are those that they are.
Error Database::Connection::row_error(std::string_view sql, int code) {
  const std::string what = sqlite3_errmsg(handle);
  // errno tells nothing here: SQLite rolls back before it says that the disk is full.
  if (lock && (code & 0xff) == SQLITE_FULL && has_full_table()) {
    return malformed(fmt::format("{}, but not the disk; an AUTOINCREMENT key is at its end", what));
  }
  if (!lock || (code & 0xff) != SQLITE_ERROR) return error(code);
  if (sound == sql) return malformed(what);
  Error found = error(code);
  sqlite3_stmt* again = nullptr;
  const int prepared =
      sqlite3_prepare_v2(handle, sql.data(), static_cast<int>(sql.size()), &again, nullptr);
  sqlite3_finalize(again);
  if (prepared != SQLITE_OK) return found;
  sound = sql;
  return malformed(what);
}

bool Database::Connection::has_full_table() const {
  sqlite3_stmt* look = nullptr;
  sqlite3_prepare_v2(
      handle, "SELECT 1 FROM main.sqlite_sequence WHERE seq > 9223372036854775807 - (1 << 40)", -1,
      &look, nullptr);
  const bool found = look != nullptr && sqlite3_step(look) == SQLITE_ROW;
  sqlite3_finalize(look);
  return found;
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
  folded_pages = pages();
  return {};
}

bool Database::Connection::is_fold_due() {
  if (log_pages >= kFoldPages) return true;
  return log_pages >= kFoldNewPages && pages() >= folded_pages + kFoldNewPages;
}

// Of the file, with those that are only in the log; 0: not known.
int Database::Connection::pages() {
  int count = 0;
  if (const auto text = one("PRAGMA page_count")) {
    std::from_chars(text->data(), text->data() + text->size(), count);
  }
  return count;
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

Result<void> Database::Connection::set_up(Disk& disk, const DatabaseFormat& format) {
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
  // SQLite makes the name of its log durable, too, but not when no descriptor is left for the
  // folder; then it goes on, and a power cut takes the log with all that was committed.
  if (*empty) {
    auto made = execute(
        fmt::format("BEGIN IMMEDIATE; {} PRAGMA application_id={}; PRAGMA user_version={}; COMMIT",
                    format.tables, format.application, format.version));
    return made.ok() ? sync_folder(disk, folder_of(path)) : made;
  }
  const auto checked = one("PRAGMA quick_check(1)");
  if (!checked.ok()) return checked.error();
  if (*checked != "ok") return error(SQLITE_CORRUPT);
  // A process that died between write and sync leaves commits that are only in memory: we would see
  // them, act on them, and could still lose them.
  if (auto folded = fold(SQLITE_CHECKPOINT_TRUNCATE); !folded.ok()) return folded;
  return sync_folder(disk, folder_of(path));
}

Result<void> Database::Connection::set_up_shared() {
  sqlite3_busy_timeout(handle, kBusyMilliseconds);
  // With several connections SQLite before 3.51.3 can lose commits in WAL mode.
  const auto mode = one("PRAGMA journal_mode");
  if (!mode.ok()) return mode.error();
  if (*mode != "delete") {
    return config_error(
        fmt::format("{}: expected journal_mode=delete, found {}; set it with: PRAGMA "
                    "journal_mode=delete",
                    path, *mode));
  }
  // A commit is the end of the journal. SQLite checks the sync of a file that it cuts to nothing,
  // but not that of the folder of a file that it deletes. For this connection only.
  if (auto set = expect("journal_mode", "truncate"); !set.ok()) return set;
  if (auto set = expect("synchronous", "3"); !set.ok()) return set;  // EXTRA
  // For a process that died between the end of its journal and the sync: what we see now stays.
  return sync_folder(lock->disk(), folder_of(journal_of(handle)));
}

// Without its name a journal cannot roll back a commit that a power cut has left half done. SQLite
// syncs the folder of a new journal, too, but goes on when it has no descriptor for that. A program
// that keeps to journal_mode=delete removes the journal with each of its commits.
Result<void> Database::Connection::secure_journal() {
  if (!lock) return {};
  const std::string journal = journal_of(handle);
  if (journal_is_secure_ && is_there(lock->disk(), journal)) return {};
  journal_is_secure_ = false;
  // SQLite makes the journal with the first change, with the owner and the mode of the database.
  const auto version = one("PRAGMA user_version");
  if (!version.ok()) return version.error();
  if (auto set = execute("PRAGMA user_version=" + *version); !set.ok()) return set;
  if (auto synced = sync_folder(lock->disk(), folder_of(journal)); !synced.ok()) return synced;
  journal_is_secure_ = true;
  return {};
}

}  // namespace docmill
