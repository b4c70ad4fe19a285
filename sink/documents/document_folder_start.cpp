// How a DocumentFolder begins: after what an earlier life of the sink has left.
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <set>

#include "shared/store/file_descriptor.h"
#include "shared/store/file_owner.h"
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

Result<std::vector<std::string>> names_in(Disk& disk, const std::string& path) {
  std::vector<std::string> names;
  // A list that breaks off would be taken for all of it, and committed documents for none.
  if (disk.list(path, names) != 0) {
    return file_error(path, "read folder", errno, "let this user read it, or name another folder");
  }
  std::sort(names.begin(), names.end());
  return names;
}

Result<std::string> read_all(const DiskFile& folder, const std::string& path,
                             const std::string& name) {
  Disk& disk = folder.disk();
  const DiskFile file(disk, disk.open(folder.number(), name, O_RDONLY | O_NOFOLLOW, 0));
  std::string text;
  char piece[1 << 16];
  for (ssize_t count = 1; file.open() && count > 0;) {
    count = file.read(piece, sizeof piece, text.size());
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
  DocumentFolder opened(path, fmt::format("{}{}{}", path, kStagingBegin, context.sink),
                        context.log);
  if (auto made = opened.open_folders(context.ledger.disk()); !made) return made.error();
  if (auto resumed = opened.resume(context.ledger); !resumed) return resumed.error();
  return opened;
}

Result<void> DocumentFolder::open_folders(Disk& disk) {
  if (auto made = make_folder(disk, staging_path_, 0777); !made) return made.error();
  DiskFile root(disk, disk.open(Disk::kHere, path_, O_RDONLY | O_DIRECTORY, 0));
  DiskFile staging(disk,
                   disk.open(Disk::kHere, staging_path_, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0));
  if (!root.open() || !staging.open()) {
    return file_error(staging_path_, "open folder", errno,
                      "let this user write there, or name another folder");
  }
  if (staging.lock() != 0) {
    if (errno != EWOULDBLOCK) {
      return file_error(staging_path_, "lock", errno, "put the folder on a local disk");
    }
    return config_error(
        fmt::format("{}: another output or process writes to it; give each a folder of its own",
                    staging_path_));
  }
  FileFacts found;
  if (staging.look(found) != 0) return disk_error(staging_path_, "look", errno);
  if (auto synced = sync_folder(disk, path_); !synced) return synced.error();
  root_ = std::move(root);
  staging_ = std::move(staging);
  identity_ = found.identity;
  return {};
}

Result<void> DocumentFolder::resume(LedgerStore& ledger) {
  const auto marks = ledger.marks();
  if (!marks) return marks.error();
  const auto known = std::find_if(marks->begin(), marks->end(),
                                  [&](const FileMark& mark) { return mark.path == staging_path_; });
  const auto found = names_in(staging_.disk(), staging_path_);
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
  tail_ = known->tail;
  if (auto sorted = sort_out(*found); !sorted) return sorted;
  // A copy that was put back is recognized by its identity from here on.
  return known->file == identity_ ? Result<void>() : ledger.put({mark()});
}

Result<void> DocumentFolder::sort_out(const std::vector<std::string>& found) {
  const std::uint64_t committed = length_;
  std::set<std::uint64_t> lists;
  for (const std::string& name : found) {
    if (group_of(name) < committed && name.ends_with(kListEnd)) lists.insert(group_of(name));
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
    auto settled = settle();  // leaves group_ at the committed length
    while (!settled && settled.error().text.empty()) settled = settle();
    if (!settled) return settled;
  }
  for (const std::string& name : found) {
    if (group_of(name) >= committed) leftovers_.push_back(name);
  }
  return {};
}

void DocumentFolder::remove_leftovers() {
  std::size_t removed = 0;
  for (const std::string& name : leftovers_) {
    remove(name);
    if (!name.ends_with(kListEnd)) ++removed;
  }
  leftovers_.clear();
  if (removed > 0) {
    log_.info("{}: documents that were not committed are removed: {}; they are written again",
              path_, removed);
  }
}

Result<void> DocumentFolder::read_names(std::uint64_t group) {
  const std::string list = fmt::format("{:016x}{}", group, kListEnd);
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
