// Database::Connection: the handle of SQLite under a Database, what its codes mean to us, and how a
// connection is set up.
//
// For database.cpp alone. One thread; closed with the object.
#pragma once

#include <sqlite3.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "shared/store/database.h"
#include "shared/store/disk_file.h"

namespace docmill {

struct FinalizeStatement {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};

using Statement = std::unique_ptr<sqlite3_stmt, FinalizeStatement>;

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

struct Database::Connection {
  // The write-ahead log is folded into the file when it has this many pages of 4 KiB.
  static constexpr int kFoldPages = 1000;
  // Also when as many of them are new to the file: folding needs room for those, and the reserve of
  // a full disk must have it.
  static constexpr int kFoldNewPages = 32;

  std::string path;
  std::optional<DiskFile> lock;  // of a shared one: opened before SQLite does, closed after
  sqlite3* handle = nullptr;
  std::map<std::string, Statement, std::less<>> statements;
  int log_pages = 0;
  int folded_pages = 0;  // of the file, after the last fold
  std::string sound;     // a change that failed for its row alone in this transaction

  ~Connection() {
    statements.clear();
    sqlite3_close(handle);
  }

  Result<void> open(Disk& disk, int flags);
  // What the SQLite call that has just given the code, with errno 0 before it, means to us.
  Error error(int code) const;
  // The same of a change that failed when it ran: kMalformed when its row is to blame.
  Error row_error(std::string_view sql, int code);
  // Whether the AUTOINCREMENT keys of some table are at their end, or were before SQLite rolled the
  // transaction back.
  bool has_full_table() const;
  Error damaged(std::string_view what) const;
  Result<sqlite3_stmt*> prepared(std::string_view sql);
  Result<void> execute(const std::string& sql);
  Result<void> fold(int mode);
  bool is_fold_due();
  // Before the next transaction: a log that is folded is written over, and needs no room on a full
  // disk.
  void fold_soon() {
    if (log_pages > 0) log_pages = kFoldPages;
  }
  Result<void> set_up(Disk& disk, const DatabaseFormat& format);
  Result<void> set_up_shared();
  // In a transaction, before its first change. For a shared one: after it, no power cut takes the
  // name of the journal away.
  Result<void> secure_journal();

 private:
  bool journal_is_secure_ = false;

  std::optional<Error> shared_error(int code) const;
  Result<std::string> one(std::string_view sql);
  int pages();
  Result<void> expect(std::string_view pragma, std::string_view value);
  Result<bool> is_new(const DatabaseFormat& format);
};

}  // namespace docmill
