#include "shared/store/ledger_place.h"

#include <fmt/format.h>

#include <cerrno>
#include <fstream>
#include <iterator>
#include <optional>

#include "shared/base/system_error.h"
#include "shared/store/append_file.h"
#include "shared/store/file_descriptor.h"
#include "shared/store/folder.h"

namespace docmill {
namespace {

constexpr std::string_view kPlaceFile = "ledger.place";
constexpr std::string_view kIdFile = "ledger.id";

// Durable, and never there in part.
Result<void> write_whole(const std::filesystem::path& path, const std::string& text) {
  const std::string begun = path.string() + ".new";
  std::error_code failed;
  std::filesystem::remove(begun, failed);
  auto file = AppendFile::open(begun, std::nullopt);
  if (!file) return file.error();
  file->append(text);
  if (auto synced = file->sync(); !synced) return synced;
  std::filesystem::rename(begun, path, failed);
  if (failed) {
    return file_error(path.string(), "rename", failed.value(),
                      "let this user write there, or name another state folder");
  }
  return sync_folder(folder_of(path));
}

}  // namespace

bool LedgerPlace::exists() const {
  std::error_code ignored;
  return std::filesystem::exists(folder_ / kFile, ignored) ||
         std::filesystem::exists(folder_ / kPlaceFile, ignored);
}

Result<std::string> LedgerPlace::database() const {
  const std::filesystem::path path = folder_ / kPlaceFile;
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) return std::string();
  std::ifstream file(path, std::ios::binary);
  if (!file && is_transient(errno)) return disk_error(path.string(), "open", errno);
  std::string place{std::istreambuf_iterator<char>(file), {}};
  if (!file || place.empty()) {
    return corrupt(
        fmt::format("{}: expected the name of a database, found nothing that can be "
                    "read; check the disk, then start over with --fresh",
                    path.string()));
  }
  return place;
}

std::uint64_t LedgerPlace::id() const {
  std::ifstream file(folder_ / kIdFile);
  std::uint64_t id = 0;
  return file >> std::hex >> id ? id : 0;
}

Result<void> LedgerPlace::put_database(const std::string& database) const {
  return write_whole(folder_ / kPlaceFile, database);
}

Result<void> LedgerPlace::put_id(std::uint64_t known) const {
  if (known == id()) return {};
  return write_whole(folder_ / kIdFile, fmt::format("{:016x}\n", known));
}

Error LedgerPlace::moved(const std::string& place, const std::string& wanted) const {
  const auto name_of = [&](const std::string& database) {
    return database.empty() ? (folder_ / kFile).string() : database;
  };
  return config_error(
      fmt::format("{}: expected this sink's ledger in {}, found that it is in {}; let the output "
                  "that it belongs to stay as it was, or start over with --fresh",
                  folder_.string(), name_of(wanted), name_of(place)));
}

}  // namespace docmill
