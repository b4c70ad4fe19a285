#include "producer/files/when_done.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <fnmatch.h>
#include <stdio.h>
#include <sys/stat.h>

#include <cerrno>
#include <set>
#include <system_error>

#include "producer/files/file_search.h"
#include "shared/base/random.h"
#include "shared/store/folder.h"
#include "shared/store/system_disk.h"

namespace docmill {
namespace {

std::filesystem::path plain(const std::filesystem::path& path) {
  std::error_code unknown;
  const std::filesystem::path whole = std::filesystem::absolute(path, unknown).lexically_normal();
  return whole.has_filename() ? whole : whole.parent_path();
}

// Whether the path finds the files of that folder.
bool finds_in(const std::filesystem::path& path, const std::filesystem::path& folder) {
  const std::filesystem::path whole = plain(path);
  const std::filesystem::path other = plain(folder);
  if (whole == other) return true;
  return is_pattern(path) &&
         fnmatch(whole.parent_path().c_str(), other.c_str(), FNM_PATHNAME | FNM_PERIOD) == 0;
}

std::string read_again(const std::string& folder, const std::string& path) {
  return fmt::format(
      "{} is where {} finds its files, which would be read again; name a folder beside it, or a "
      "hidden one in it",
      folder, path);
}

// The folders that have files of the path now.
Result<std::set<std::filesystem::path>> folders_of(const std::string& path) {
  std::set<std::filesystem::path> folders;
  std::error_code unknown;
  if (std::filesystem::is_directory(path, unknown)) {
    folders.insert(path);
  } else if (std::filesystem::is_directory(folder_of(path), unknown)) {
    folders.insert(folder_of(path));
  }
  const auto files = search_files(path);
  if (!files) return Error{files.error().code, "path: " + files.error().text};
  for (const KnownFile& file : *files) folders.insert(folder_of(file.path));
  return folders;
}

// What is wrong with a folder that files are moved to.
std::optional<std::string> target_problem(std::string_view field,
                                          const std::filesystem::path& target,
                                          const std::filesystem::path& path,
                                          const std::optional<std::filesystem::path>& claims) {
  if (finds_in(path, target)) {
    return fmt::format("{}: {}", field, read_again(target.string(), path.string()));
  }
  if (claims && plain(*claims) == plain(target)) {
    return fmt::format("{}: {} holds the claims and nothing else; name another folder", field,
                       target.string());
  }
  return std::nullopt;
}

// Two mounts of one file system have one device, and yet no file can be renamed from one to the
// other. The kernel says so before it looks for the file.
bool is_on_another_mount(const std::filesystem::path& from, const std::string& to) {
  const std::string none = fmt::format(".docmill-{:016x}", random_number());
  const std::string target = to + "/" + none;
  return renameat2(AT_FDCWD, (from / none).c_str(), AT_FDCWD, target.c_str(), RENAME_NOREPLACE) !=
             0 &&
         errno == EXDEV;
}

// The text of an Error begins with the field.
Result<void> prepare_target(const std::string& field, const std::string& folder,
                            const std::string& path,
                            const std::set<std::filesystem::path>& sources) {
  SystemDisk disk;
  if (auto made = make_folder(disk, folder, 0777); !made) {
    return Error{made.error().code, fmt::format("{}: {}", field, made.error().text)};
  }
  struct stat there {};
  if (stat(folder.c_str(), &there) != 0) return {};
  for (const std::filesystem::path& from : sources) {
    struct stat here {};
    if (stat(from.c_str(), &here) != 0) continue;
    if (here.st_dev != there.st_dev) {
      return config_error(fmt::format(
          "{}: {} is on another file system than {}, and a file is moved by its name alone; "
          "name a folder on the same one",
          field, folder, from.string()));
    }
    if (here.st_ino == there.st_ino) {
      return config_error(fmt::format("{}: {}", field, read_again(folder, path)));
    }
    if (is_on_another_mount(from, folder)) {
      return config_error(fmt::format(
          "{}: {} is on another mount than {}, and a file is moved by its name alone; mount one "
          "folder that has both, as with one volume of a container",
          field, folder, from.string()));
    }
  }
  return {};
}

}  // namespace

std::optional<std::string> when_done_problem(const WhenDoneSettings& settings,
                                             const std::filesystem::path& path,
                                             const std::optional<std::filesystem::path>& claims) {
  const bool moves = settings.when_done == WhenDoneAction::kMove;
  if (moves && (!settings.move_to || settings.move_to->empty())) {
    return "when_done: move needs move_to; name the folder for the files that are done";
  }
  if (!moves && settings.move_to) {
    return "move_to is for when_done: move; say that, or leave move_to out";
  }
  if (settings.failed_to && settings.when_done == WhenDoneAction::kKeep) {
    return "failed_to is for when_done: move or delete; say that, or leave failed_to out";
  }
  if (moves) {
    if (auto problem = target_problem("move_to", *settings.move_to, path, claims)) return problem;
  }
  if (!settings.failed_to) return std::nullopt;
  return target_problem("failed_to", *settings.failed_to, path, claims);
}

Result<void> prepare(const WhenDone& when_done, const std::string& path) {
  const bool moves = when_done.action == WhenDoneAction::kMove;
  if (!moves && when_done.failed_to.empty()) return {};
  const auto folders = folders_of(path);
  if (!folders) return folders.error();
  if (moves) {
    if (auto ready = prepare_target("move_to", when_done.move_to, path, *folders); !ready) {
      return ready;
    }
  }
  if (when_done.failed_to.empty()) return {};
  return prepare_target("failed_to", when_done.failed_to, path, *folders);
}

}  // namespace docmill
