#include "shared/store/ledger_place.h"

#include <fmt/format.h>

#include <fstream>
#include <iterator>
#include <string_view>

#include "shared/store/append_file.h"
#include "shared/store/file_descriptor.h"
#include "shared/store/folder.h"

namespace docmill {
namespace {

// Names the database that has the ledger in place of ledger.db.
constexpr std::string_view kPlaceFile = "ledger.place";

}  // namespace

bool has_ledger_place(const std::filesystem::path& folder) {
  std::error_code ignored;
  return std::filesystem::exists(folder / kPlaceFile, ignored);
}

Result<std::string> read_ledger_place(const std::filesystem::path& folder) {
  const std::filesystem::path path = folder / kPlaceFile;
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) return std::string();
  std::ifstream file(path, std::ios::binary);
  std::string place{std::istreambuf_iterator<char>(file), {}};
  if (!file || place.empty()) {
    return corrupt(
        fmt::format("{}: expected the name of a database, found nothing that can be "
                    "read; check the disk, then start over with --fresh",
                    path.string()));
  }
  return place;
}

Result<void> write_ledger_place(const std::filesystem::path& folder, const std::string& database) {
  const std::filesystem::path path = folder / kPlaceFile;
  const std::string begun = path.string() + ".new";
  std::error_code failed;
  std::filesystem::remove(begun, failed);
  auto file = AppendFile::open(begun, std::nullopt);
  if (!file) return file.error();
  file->append(database);
  if (auto synced = file->sync(); !synced) return synced;
  std::filesystem::rename(begun, path, failed);
  if (failed) {
    return file_error(path.string(), "rename", failed.value(),
                      "let this user write there, or name another state folder");
  }
  return sync_folder(folder_of(path));
}

}  // namespace docmill
