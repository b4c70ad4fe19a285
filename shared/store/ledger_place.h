// The file `ledger.place` of a sink's state folder: the database that has the ledger, when that is
// not the folder's own ledger.db.
#pragma once

#include <filesystem>
#include <string>

#include "shared/base/result.h"

namespace docmill {

bool has_ledger_place(const std::filesystem::path& folder);
// Empty when there is no such file. kCorrupt when it cannot be read.
Result<std::string> read_ledger_place(const std::filesystem::path& folder);
// Durable when it returns, and never there in part.
Result<void> write_ledger_place(const std::filesystem::path& folder, const std::string& database);

}  // namespace docmill
