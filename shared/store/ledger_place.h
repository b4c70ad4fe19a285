// LedgerPlace: what a sink's state folder says of its ledger without opening it: where it is, and
// which one it is.
//
// The ledger is ledger.db in the folder, or in the database that the file ledger.place names. The
// file ledger.id has its id. A value.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

#include "shared/base/result.h"
#include "shared/store/disk.h"

namespace docmill {

class LedgerPlace {
 public:
  static constexpr std::string_view kFile = "ledger.db";

  // The disk must outlive it.
  LedgerPlace(Disk& disk, std::filesystem::path folder)
      : disk_(&disk), folder_(std::move(folder)) {}

  // Whether a sink has kept its ledger here, wherever it is.
  bool exists() const;
  // The database that has the ledger; empty when it is the folder's own.
  Result<std::string> database() const;
  // The id of the ledger, also while its daemon has the folder; 0: there is none.
  std::uint64_t id() const;

  // Durable when they return.
  Result<void> put_database(const std::string& database) const;
  Result<void> put_id(std::uint64_t id) const;

  // The error where the ledger is in one database and wanted in another one.
  Error moved(const std::string& place, const std::string& wanted) const;

 private:
  Disk* disk_;
  std::filesystem::path folder_;
};

}  // namespace docmill
