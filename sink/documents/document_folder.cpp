#include "sink/documents/document_folder.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>

#include "shared/store/file_descriptor.h"
#include "shared/store/file_owner.h"
#include "sink/documents/beneath.h"

namespace docmill {
namespace {

// A few hundred files take some milliseconds.
constexpr std::size_t kFilesPerTurn = 256;
// To rename a file into a folder that somebody removes at the same time.
constexpr int kAttempts = 3;

std::string list_of(std::uint64_t group) { return fmt::format("{:016x}{}", group, kListEnd); }

std::string temporary_of(std::uint64_t group, std::size_t number) {
  return fmt::format("{:016x}-{}", group, number);
}

Error broken(const std::string& path, std::string_view action, int error_number) {
  return corrupt(fmt::format("{}: {}: {}; check the disk, then start again", path, action,
                             error_text(error_number)));
}

}  // namespace

void DocumentFolder::add(const DocumentNames& names, std::string_view bytes) {
  staged_.push_back({names, bytes_.size(), bytes.size()});
  bytes_ += bytes;
}

Result<void> DocumentFolder::sync() {
  if (is_current_ || !staged_.empty()) remove_leftovers();
  if (staged_.size() == synced_) return {};
  if (auto checked = check_place(); !checked) return checked;
  synced_ = 0;
  if (auto written = write_group(); !written) {
    if (written.error().text.empty()) return written;
    // Give the room back meanwhile.
    for (std::size_t i = 0; i < staged_.size(); ++i) remove(temporary_of(group_, i));
    remove(list_of(group_));
    written_ = 0;
    return written;
  }
  // A file's own sync would be one for each document. A failed one is final: the kernel marks the
  // pages clean, and a second one would say yes.
  if (staging_.sync_everything() != 0) return broken(staging_path_, "sync", errno);
  // Whoever moves the folder after this moves the group with it.
  if (auto checked = check_place(); !checked) return checked;
  const std::string names = names_text();
  length_ = group_ + bytes_.size() + names.size();
  tail_ = tail_of(names);
  synced_ = staged_.size();
  return {};
}

// Some of the files in each call, so that the sink can be stopped between two.
Result<void> DocumentFolder::write_group() {
  for (const std::size_t end = written_ + kFilesPerTurn; written_ < staged_.size(); ++written_) {
    if (written_ == end) return unavailable("");
    const auto bytes =
        std::string_view(bytes_).substr(staged_[written_].begin, staged_[written_].size);
    if (auto written = write_file(temporary_of(group_, written_), bytes); !written) return written;
  }
  return write_file(list_of(group_), names_text());
}

// "name TAB other" for each; no name holds a tab or a line end.
std::string DocumentFolder::names_text() const {
  std::string text;
  for (const Staged& one : staged_) {
    text.append(one.names.name).append("\t").append(one.names.other).append("\n");
  }
  return text;
}

Result<void> DocumentFolder::write_file(const std::string& name, std::string_view bytes) {
  Disk& disk = staging_.disk();
  const DiskFile file(
      disk, disk.open(staging_.number(), name, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0666));
  if (!file.open()) {
    return file_error(staging_path_ + "/" + name, "create", errno,
                      "let this user write there, or name another folder");
  }
  std::size_t written = 0;
  while (written < bytes.size()) {
    const ssize_t count = file.write(bytes.substr(written), written);
    if (count > 0) {
      written += static_cast<std::size_t>(count);
    } else if (count == 0 || errno != EINTR) {
      const int error_number = count == 0 ? EIO : errno;
      if (!is_transient(error_number))
        return broken(staging_path_ + "/" + name, "write", error_number);
      return unavailable(fmt::format("{}: write {} bytes: {}", staging_path_, bytes_.size(),
                                     error_text(error_number)));
    }
  }
  return {};
}

void DocumentFolder::remove(const std::string& name) const {
  staging_.disk().remove(staging_.number(), name);
}

Result<void> DocumentFolder::settle() {
  if (staged_.empty()) return {};
  // By its path again: it may have been moved or removed since the last call.
  parent_folder_ = DiskFile();
  for (const std::size_t end = placed_ + kFilesPerTurn; placed_ < staged_.size(); ++placed_) {
    if (placed_ == end) return unavailable("");
    if (auto placed = place(placed_); !placed) return placed;
  }
  // The group's sync was one of the renames before it, too.
  if (!done_.empty()) remove(done_);
  done_ = list_of(group_);
  group_ = length_;
  staged_.clear();
  synced_ = written_ = placed_ = 0;
  bytes_.clear();
  return {};
}

Result<void> DocumentFolder::place(std::size_t number) {
  const std::string temporary = temporary_of(group_, number);
  const DocumentNames& names = staged_[number].names;
  for (const std::string& name : {names.name, names.other}) {
    const auto placed = place_as(temporary, name);
    if (!placed) return placed.error();
    if (*placed) return {};
  }
  return corrupt(
      fmt::format("{}/{}: there is such a file, and one of the name {}; move them away, and {}/{} "
                  "takes the name",
                  path_, names.name, names.other, staging_path_, temporary));
}

// False when the name is taken.
Result<bool> DocumentFolder::place_as(const std::string& temporary, const std::string& name) {
  const std::size_t slash = name.find_last_of('/');
  const std::string parent = slash == name.npos ? std::string() : name.substr(0, slash);
  const std::string leaf = name.substr(slash + 1);  // npos + 1 is 0
  Disk& disk = staging_.disk();
  int error_number = 0;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    if (auto opened = open_parent(parent); !opened) return opened.error();
    if (disk.rename_new(staging_.number(), temporary, parent_folder_.number(), leaf) == 0) {
      return true;
    }
    error_number = errno;
    if (error_number == EEXIST) return false;
    parent_folder_ = DiskFile();
    if (error_number != ENOENT) break;
    // What has left the temporary folder has its name already.
    FileFacts facts;
    if (disk.look_at(staging_.number(), temporary, facts) != 0 && errno == ENOENT) return true;
    // Somebody removed the folder since it was opened; the next attempt makes it again.
  }
  if (error_number == ENOENT) {
    return unavailable(
        fmt::format("{}/{}: rename: its folder is removed again and again", path_, name));
  }
  return file_error(path_ + "/" + name, "rename", error_number,
                    "let this user write there, or name another folder");
}

// The folder of the document before is mostly that of the next one.
Result<void> DocumentFolder::open_parent(const std::string& parent) {
  if (parent_folder_.open() && parent == parent_) return {};
  auto folder = open_beneath(root_, path_, parent);
  if (!folder) return folder.error();
  parent_folder_ = std::move(*folder);
  parent_ = parent;
  return {};
}

// Somebody may have moved the folder away, and the open one with it.
Result<void> DocumentFolder::check_place() {
  Disk& disk = staging_.disk();
  FileFacts found;
  if (disk.look_at(Disk::kHere, staging_path_, found) == 0) {
    if (found.identity == identity_) return {};
  } else if (errno == ENOENT && length_ == 0 && written_ == 0) {
    return open_folders(disk);  // nothing was in it
  }
  return corrupt(
      fmt::format("{}: expected the folder that this sink opened, found that it was moved or "
                  "removed; put the whole folder back, or start over with --fresh",
                  staging_path_));
}

}  // namespace docmill
