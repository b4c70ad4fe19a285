// LedgerStore: a sink's LedgerState on disk, together with how far its files are committed.
//
// One SQLite database, ledger.db; docs/stores.md draws it. What commit() took is durable when it
// returns: only then may the shares be acknowledged. One thread; a resource. Errors are those of
// Database: on kUnavailable nothing changed, call again; on kCorrupt the process must end.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "shared/base/result.h"
#include "shared/protocol/ledger_state.h"
#include "shared/store/append_file.h"
#include "shared/store/database.h"
#include "shared/store/file_mark.h"
#include "shared/store/state_folder.h"

namespace docmill {

class LedgerStore {
 public:
  // Opens the ledger of the folder's daemon, or makes it with a random id. The folder must stay
  // locked for as long as the store lives.
  static Result<LedgerStore> open(const StateFolder& folder);
  // Whether a sink has kept its ledger in the folder.
  static bool exists(const std::filesystem::path& folder);

  // Opens a file whose lengths this ledger commits, cut back to the last of them. A new file is in
  // the ledger before its first byte, or a crash would leave bytes that nobody knows.
  Result<AppendFile> open_file(const std::string& path);

  // Everything or, on an Error, nothing. The marks are of files that are synced that far. Forgets
  // what `apply` forgets.
  Result<void> commit(const LedgerFacts& facts, const std::vector<FileMark>& marks);
  // The marks alone, of files that are made or ended beside a commit.
  Result<void> put(const std::vector<FileMark>& marks);
  // What is durable now: what `apply` makes of all that was committed.
  Result<LedgerState> state();
  // By path.
  Result<std::vector<FileMark>> marks();

 private:
  explicit LedgerStore(Database database) : database_(std::move(database)) {}

  Database database_;
};

}  // namespace docmill
