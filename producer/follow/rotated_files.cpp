#include "producer/follow/rotated_files.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <string>
#include <string_view>

#include "shared/store/file_descriptor.h"

namespace docmill {
namespace {

bool is_compressed(const std::filesystem::path& path) {
  constexpr std::array<std::string_view, 4> kEnds = {".gz", ".zst", ".xz", ".bz2"};
  return std::find(kEnds.begin(), kEnds.end(), path.extension().string()) != kEnds.end();
}

}  // namespace

Result<std::vector<RotatedFile>> rotated_files(const std::filesystem::path& followed) {
  std::vector<RotatedFile> found;
  std::error_code failed;
  const std::filesystem::path folder = followed.has_parent_path() ? followed.parent_path() : ".";
  std::filesystem::directory_iterator entry(folder, failed);
  for (; !failed && entry != std::filesystem::directory_iterator(); entry.increment(failed)) {
    const std::string name = entry->path().filename();
    if (!name.starts_with(followed.filename().string()) || is_compressed(entry->path())) continue;
    if (const auto identity = identity_of(entry->path()))
      found.push_back({folder / name, *identity});
  }
  if (failed && failed.value() != ENOENT && failed.value() != ENOTDIR) {
    return file_error(folder.string(), "open folder", failed.value(), "let this user read it");
  }
  std::sort(found.begin(), found.end(), [](const RotatedFile& a, const RotatedFile& b) {
    return a.identity.born < b.identity.born;
  });
  return found;
}

}  // namespace docmill
