// How a DocumentFolder begins: after what an earlier life of the sink has left.
#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <set>

#include "shared/store/folder.h"
#include "sink/documents/document_folder.h"

namespace docmill {
namespace {

// The group that a file of the temporary folder belongs to.
std::uint64_t group_of(const std::string& name) {
  std::uint64_t group = 0;
  std::from_chars(name.data(), name.data() + std::min<std::size_t>(name.size(), 16), group, 16);
  return group;
}

Result<std::vector<std::string>> names_in(const std::string& path) {
  std::vector<std::string> names;
  DIR* folder = opendir(path.c_str());
  if (folder == nullptr) {
    return file_error(path, "open folder", errno, "let this user read it, or name another folder");
  }
  // A list that breaks off would be taken for all of it, and committed documents for none.
  for (errno = 0; const dirent* entry = readdir(folder); errno = 0) {
    const std::string name = entry->d_name;
    if (name != "." && name != "..") names.push_back(name);
  }
  const int error_number = errno;
  closedir(folder);
  if (error_number != 0) return disk_error(path, "read folder", error_number);
  std::sort(names.begin(), names.end());
  return names;
}

Result<std::string> read_all(const FileDescriptor& folder, const std::string& path,
                             const std::string& name) {
  const FileDescriptor file(
      openat(folder.number(), name.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  std::string text;
  char piece[1 << 16];
  for (ssize_t count = 1; file.open() && count > 0;) {
    count = pread(file.number(), piece, sizeof piece, static_cast<off_t>(text.size()));
    if (count == 0) return text;
    if (count > 0) text.append(piece, static_cast<std::size_t>(count));
    if (count < 0 && errno == EINTR) count = 1;
  }
  return disk_error(path + "/" + name, "read", errno);
}

}  // namespace

Result<DocumentFolder> DocumentFolder::open(const std::string& folder,
                                            const OutputContext& context) {
  const std::string path = folder.empty() ? "." : folder;
  const std::string staging_path = fmt::format("{}{}{}", path, kStagingBegin, context.sink);
  if (auto made = make_folder(staging_path, 0777); !made) return made.error();
  FileDescriptor root(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  FileDescriptor staging(
      ::open(staging_path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!root.open() || !staging.open()) {
    return file_error(staging_path, "open folder", errno,
                      "let this user write there, or name another folder");
  }
  if (flock(staging.number(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) {
      return file_error(staging_path, "lock", errno, "put the folder on a local disk");
    }
    return config_error(fmt::format(
        "{}: another output or process writes to it; give each a folder of its own", staging_path));
  }
  if (auto synced = sync_folder(path); !synced) return synced.error();
  DocumentFolder opened(path, staging_path, std::move(root), std::move(staging), context.log);
  if (auto resumed = opened.resume(context.ledger); !resumed) return resumed.error();
  return opened;
}

Result<void> DocumentFolder::resume(LedgerStore& ledger) {
  const auto marks = ledger.marks();
  if (!marks) return marks.error();
  const auto known = std::find_if(marks->begin(), marks->end(),
                                  [&](const FileMark& mark) { return mark.path == staging_path_; });
  const auto found = names_in(staging_path_);
  if (!found) return found.error();
  if (known == marks->end()) {
    // In the ledger before its first file, or a crash would leave files that nobody knows.
    if (found->empty()) return ledger.put({mark()});
    return corrupt(
        fmt::format("{}: expected no files, found {}, which this sink's ledger does not know; put "
                    "back the state folder that it belongs to, or move them away",
                    staging_path_, found->size()));
  }
  length_ = group_ = known->length;
  return sort_out(*found);
}

Result<void> DocumentFolder::sort_out(const std::vector<std::string>& found) {
  const std::uint64_t committed = length_;
  std::set<std::uint64_t> lists;
  for (const std::string& name : found) {
    if (group_of(name) < committed && name.ends_with(".names")) lists.insert(group_of(name));
  }
  // The last list is kept until the next group is committed.
  if (committed > 0 && lists.empty()) {
    return corrupt(
        fmt::format("{}: expected the names of the last documents, found none; it was changed "
                    "behind docmill's back; put the whole folder back, or start over with --fresh",
                    staging_path_));
  }
  for (const std::uint64_t group : lists) {
    group_ = group;
    if (auto read = read_names(group); !read) return read;
    if (auto settled = settle(); !settled) return settled;  // leaves group_ at the committed length
  }
  std::size_t removed = 0;
  for (const std::string& name : found) {
    if (group_of(name) < committed) continue;
    remove(name);
    if (!name.ends_with(".names")) ++removed;
  }
  if (removed > 0) {
    log_.info("{}: documents that were not committed are removed: {}; they are written again",
              path_, removed);
  }
  return {};
}

Result<void> DocumentFolder::read_names(std::uint64_t group) {
  const std::string list = fmt::format("{:016x}.names", group);
  const auto text = read_all(staging_, staging_path_, list);
  if (!text) return text.error();
  for (std::size_t begin = 0; begin < text->size();) {
    const std::size_t tab = text->find('\t', begin);
    const std::size_t end = text->find('\n', begin);
    if (tab >= end || end == text->npos) {
      return corrupt(fmt::format("{}/{}: is not what was written; check the disk, then start again",
                                 staging_path_, list));
    }
    staged_.push_back(
        {{text->substr(begin, tab - begin), text->substr(tab + 1, end - tab - 1)}, 0, 0});
    begin = end + 1;
  }
  return {};
}

}  // namespace docmill
