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

Result<std::vector<RotatedFile>> rotated_files(Disk& disk, const std::filesystem::path& followed) {
  std::vector<RotatedFile> found;
  std::vector<std::string> names;
  const std::filesystem::path folder = followed.has_parent_path() ? followed.parent_path() : ".";
  if (disk.list(folder, names) != 0 && errno != ENOENT && errno != ENOTDIR) {
    return file_error(folder.string(), "open folder", errno, "let this user read it");
  }
  for (const std::string& name : names) {
    if (!name.starts_with(followed.filename().string()) || is_compressed(name)) continue;
    if (const auto identity = identity_of(folder / name))
      found.push_back({folder / name, *identity});
  }
  std::sort(found.begin(), found.end(), [](const RotatedFile& a, const RotatedFile& b) {
    return a.identity.born < b.identity.born;
  });
  return found;
}

}  // namespace docmill
