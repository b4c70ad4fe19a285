#include "producer/follow/rotated_files.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "shared/store/folder.h"

namespace docmill {
namespace {

// A rename takes microseconds. A folder where these do not suffice is listed again later.
constexpr int kMaxListings = 8;

bool is_compressed(const std::filesystem::path& path) {
  constexpr std::array<std::string_view, 14> kEnds = {".gz",  ".zst",  ".xz", ".bz2", ".lz4",
                                                      ".lzo", ".lzma", ".lz", ".Z",   ".z",
                                                      ".zip", ".7z",   ".br", ".rar"};
  return std::find(kEnds.begin(), kEnds.end(), path.extension().string()) != kEnds.end();
}

// Sorted by name. Files that are renamed meanwhile may be missing, or listed twice.
Result<std::vector<RotatedFile>> list_once(Disk& disk, const std::filesystem::path& followed) {
  const std::filesystem::path folder = folder_of(followed);
  const std::string own = followed.filename();
  std::vector<std::string> names;
  if (disk.list(folder, names) != 0 && errno != ENOENT && errno != ENOTDIR) {
    return file_error(folder.string(), "open folder", errno, "let this user read it");
  }
  std::sort(names.begin(), names.end());
  std::vector<RotatedFile> found;
  for (const std::string& name : names) {
    if (!name.starts_with(own) || (name != own && is_compressed(name))) continue;
    const auto identity = identity_of(folder / name);
    if (!identity) return identity.error();
    if (*identity) found.push_back({folder / name, **identity});
  }
  return found;
}

bool is_same_list(const std::vector<RotatedFile>& a, const std::vector<RotatedFile>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const RotatedFile& one, const RotatedFile& other) {
                      return one.path == other.path && is_same_file(one.identity, other.identity);
                    });
}

// The followed name, which sorts before the others, stays where a file has several.
void drop_second_names(std::vector<RotatedFile>& files) {
  for (auto one = files.begin(); one != files.end();) {
    const bool is_second = std::any_of(files.begin(), one, [&](const RotatedFile& first) {
      return is_same_file(first.identity, one->identity);
    });
    one = is_second ? files.erase(one) : std::next(one);
  }
}

}  // namespace

// Two equal lists: nothing was renamed between the end of the first and the beginning of the
// second, so both are what the folder held then.
Result<std::vector<RotatedFile>> rotated_files(Disk& disk, const std::filesystem::path& followed) {
  auto files = list_once(disk, followed);
  for (int listings = 1; files && listings < kMaxListings; ++listings) {
    auto again = list_once(disk, followed);
    if (!again) return again;
    const bool is_still = is_same_list(*files, *again);
    files = std::move(again);
    if (!is_still) continue;
    drop_second_names(*files);
    std::stable_sort(files->begin(), files->end(), [](const RotatedFile& a, const RotatedFile& b) {
      return a.identity.born < b.identity.born;
    });
    return files;
  }
  if (!files) return files;
  return unavailable(fmt::format("{}: files were renamed during each of {} listings; retrying",
                                 folder_of(followed).string(), kMaxListings));
}

Result<std::vector<RotatedFile>> known_files(Disk& disk, const std::filesystem::path& followed,
                                             const std::vector<FileTrace>& traces) {
  std::set<std::filesystem::path> folders = {folder_of(followed)};
  std::error_code missing;
  const auto target = std::filesystem::canonical(followed, missing);
  if (!missing) folders.insert(folder_of(target));
  std::vector<RotatedFile> known;
  for (const std::filesystem::path& folder : folders) {
    std::vector<std::string> names;
    if (disk.list(folder, names) != 0) {
      Error error = file_error(folder.string(), "open folder", errno, "let this user read it");
      if (error.code == ErrorCode::kUnavailable) return error;
      continue;  // the folder of the target need not be readable
    }
    for (const std::string& name : names) {
      const auto identity = identity_of(folder / name);
      // A file that cannot be looked at is none of those that were read.
      if (!identity || !*identity || !(*identity)->has_birth) continue;
      const bool is_known = std::any_of(traces.begin(), traces.end(), [&](const FileTrace& trace) {
        return is_known_file(trace, **identity);
      });
      if (is_known) known.push_back({folder / name, **identity});
    }
  }
  return known;
}

bool is_helper(const std::filesystem::path& path) {
  constexpr std::array<std::string_view, 11> kEnds = {".offset", ".pos",    ".lock", ".lck",
                                                      ".pid",    ".swp",    ".swo",  ".tmp",
                                                      ".part",   ".sha256", ".md5"};
  return std::find(kEnds.begin(), kEnds.end(), path.extension().string()) != kEnds.end();
}

Result<FileDescriptor> open_rotated(Disk& disk, const RotatedFile& listed) {
  // A pipe or a device of that name must not block.
  FileDescriptor file(disk.open(Disk::kHere, listed.path, O_RDONLY | O_NONBLOCK, 0));
  const bool is_gone = !file.open() && (errno == ENOENT || errno == ENOTDIR);
  if (!file.open() && !is_gone) {
    return file_error(listed.path.string(), "open", errno, "let this user read it");
  }
  const auto found = file.open() ? identity_of(file.number()) : std::nullopt;
  if (!found || !is_same_file(listed.identity, *found)) {
    return unavailable(
        fmt::format("{}: renamed between listing and opening it; retrying", listed.path.string()));
  }
  return file;
}

}  // namespace docmill
