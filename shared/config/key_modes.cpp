#include "shared/config/key_modes.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <set>

namespace docmill {

std::optional<std::string> key_mode_problem(const std::filesystem::path& path, mode_t mode) {
  if ((mode & 077) == 0) return std::nullopt;
  return fmt::format("{}: open to others than its owner, mode {:04o}; run: chmod 600 {}",
                     path.string(), mode & 07777, path.string());
}

void check_key_modes(const std::filesystem::path& folder, int line, const Place& place) {
  std::error_code unknown;
  std::set<std::filesystem::path> secrets;
  for (const auto& entry : std::filesystem::directory_iterator(folder, unknown)) {
    if (entry.path().extension() == ".secret") secrets.insert(entry.path());
  }
  for (const std::filesystem::path& path : secrets) {
    struct stat found {};
    if (::stat(path.c_str(), &found) != 0) continue;
    if (auto problem = key_mode_problem(path, found.st_mode)) {
      place.report(line, std::move(*problem));
    }
  }
}

}  // namespace docmill
