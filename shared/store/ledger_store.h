// LedgerStore: a sink's LedgerState on disk, together with how far its files are committed.
//
// One SQLite database, ledger.db, or tables in the database that an output writes to, so that rows
// and ledger are one transaction; docs/stores.md draws it. What commit() took is durable when it
// returns: only then may the shares be acknowledged. A full disk gives it the reserve of the state
// folder. One thread; a resource. Errors are those of Database: on kUnavailable nothing changed,
// call again; on kCorrupt the process must end.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "shared/base/result.h"
#include "shared/protocol/ledger_state.h"
#include "shared/store/append_file.h"
#include "shared/store/database.h"
#include "shared/store/file_mark.h"
#include "shared/store/segment_mark.h"
#include "shared/store/spool_mark.h"
#include "shared/store/state_folder.h"

namespace docmill {

class LedgerTables;

class LedgerStore {
 public:
  // Opens the ledger of the folder's daemon, wherever it is, or makes it with a random id. The
  // folder must stay locked for as long as the store lives.
  static Result<LedgerStore> open(const StateFolder& folder);
  // The same, in this database (empty: in ledger.db). kConfig when the ledger is elsewhere.
  static Result<LedgerStore> open(const StateFolder& folder, const std::string& database);

  // Opens a file that grows under this path and whose lengths this ledger commits. A new file is in
  // the ledger before its first byte, or a crash would leave bytes that nobody knows. kCorrupt when
  // somebody else's file is there; kConfig when it is one of this ledger's that has ended, and so
  // belongs to its readers. Where readers have moved such a file away, a new one begins.
  Result<AppendFile> open_file(const std::string& path);

  // What a transaction changes. The facts live until it ends; the marks are of files that are
  // synced that far.
  struct Change {
    const LedgerFacts* facts;
    std::vector<FileMark> marks;
  };
  // Everything or, on an Error, nothing. Forgets what `apply` forgets. decide: does what else is
  // in the transaction, and then says what the ledger must hold; called again by the next
  // commit() when this one fails, or by this one when it uses the reserve of the folder.
  Result<void> commit(const std::function<Change(Transaction&)>& decide);
  // The same, decided before. with: what else is in the transaction.
  Result<void> commit(const LedgerFacts& facts, const std::vector<FileMark>& marks,
                      const std::function<void(Transaction&)>& with = {});
  // For an output that shares the database with the ledger.
  Result<void> transaction(const std::function<void(Transaction&)>& steps);
  // The marks of files that change beside a commit of a group. with: what else is in the
  // transaction.
  Result<void> put(const std::vector<FileMark>& marks,
                   const std::function<void(Transaction&)>& with = {});
  // What is durable now: what `apply` makes of all that was committed.
  Result<LedgerState> state();
  // Commits how far a spool is: within the transaction of a commit, or alone.
  void put_spool(Transaction& transaction, const SpoolMark& mark) const;
  Result<void> put_spool(const SpoolMark& mark);
  // By the name of the spool.
  Result<std::vector<SpoolMark>> spools();
  // By path.
  Result<std::vector<FileMark>> marks();
  // Puts a segment into the ledger before its first byte, and forgets the one before it (may be
  // empty), which has its final name. A length that is committed stays.
  Result<void> begin_segment(const SegmentMark& begun, const std::string& named);
  // Forgets a segment that has its final name, or never had a document.
  Result<void> forget_segment(const std::string& path);
  // Those that are not forgotten, by path.
  Result<std::vector<SegmentMark>> segments();
  // Has the ledger, and the files whose lengths it commits.
  Disk& disk() const { return *disk_; }
  // The database of others that has the ledger; empty: it is in ledger.db.
  std::string shared_database() const;

 private:
  LedgerStore(const StateFolder& folder, Database database, std::string_view prefix)
      : disk_(&folder.disk()), database_(std::move(database)), prefix_(prefix) {}

  static Result<LedgerStore> open_own(const StateFolder& folder);
  static Result<LedgerStore> open_in(const StateFolder& folder, const std::string& path,
                                     bool is_new);
  static Result<LedgerStore> begin(const StateFolder& folder, LedgerStore store);
  Result<AppendFile> open_new(const std::string& path);
  Result<AppendFile> open_known(const FileMark& mark);
  Result<void> forget_file(const std::string& path);
  Result<void> change(const std::function<void(LedgerTables&)>& steps);

  Disk* disk_;
  Database database_;
  std::string_view prefix_;  // a constant
};

}  // namespace docmill
