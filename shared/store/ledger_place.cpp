#include "shared/store/ledger_place.h"

#include <fmt/format.h>

#include <cerrno>
#include <charconv>

#include "shared/base/system_error.h"
#include "shared/store/file_descriptor.h"
#include "shared/store/folder.h"
#include "shared/store/whole_file.h"

namespace docmill {
namespace {

constexpr std::string_view kPlaceFile = "ledger.place";
constexpr std::string_view kIdFile = "ledger.id";

}  // namespace

bool LedgerPlace::exists() const {
  return is_there(*disk_, folder_ / kFile) || is_there(*disk_, folder_ / kPlaceFile);
}

Result<std::string> LedgerPlace::database() const {
  const std::filesystem::path path = folder_ / kPlaceFile;
  std::string place;
  const int problem = read_whole(*disk_, path, place);
  if (problem == ENOENT) return std::string();
  if (is_transient(problem)) return disk_error(path.string(), "open", problem);
  if (problem != 0 || place.empty()) {
    return corrupt(
        fmt::format("{}: expected the name of a database, found nothing that can be "
                    "read; check the disk, then start over with --fresh",
                    path.string()));
  }
  return place;
}

std::uint64_t LedgerPlace::id() const {
  std::string text;
  if (read_whole(*disk_, folder_ / kIdFile, text) != 0) return 0;
  std::uint64_t id = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), id, 16);
  return failed == std::errc() ? id : 0;
}

Result<void> LedgerPlace::put_database(const std::string& database) const {
  return write_whole(*disk_, folder_ / kPlaceFile, database);
}

Result<void> LedgerPlace::put_id(std::uint64_t known) const {
  if (known == id()) return {};
  return write_whole(*disk_, folder_ / kIdFile, fmt::format("{:016x}\n", known));
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
