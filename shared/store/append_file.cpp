#include "shared/store/append_file.h"

#include <fmt/format.h>

#include <cerrno>
#include <utility>

#include "shared/base/check.h"
#include "shared/store/file_descriptor.h"
#include "shared/store/file_owner.h"
#include "shared/store/folder.h"

namespace docmill {
namespace {

Result<DiskFile> open_locked(Disk& disk, const std::string& path, bool create) {
  // Without O_NONBLOCK a named pipe would make us wait for a reader.
  const int flags = O_WRONLY | O_NONBLOCK | (create ? O_CREAT : 0);
  DiskFile file(disk, disk.open(Disk::kHere, path, flags, 0666));
  if (!file.open()) {
    return file_error(path, "open", errno, "let this user write there, or name another file");
  }
  if (file.lock() == 0) return file;
  if (errno == EWOULDBLOCK) {
    return config_error(
        fmt::format("{}: another process writes to it; give each sink its own file", path));
  }
  return file_error(path, "lock", errno, "put the file on a local disk");
}

Result<FileFacts> facts_of(const DiskFile& file, const std::string& path) {
  FileFacts found;
  if (file.look(found) != 0) return disk_error(path, "look", errno);
  if (found.kind != FileFacts::Kind::kFile) {
    return config_error(
        fmt::format("{}: expected a file, found a device or pipe; name another file", path));
  }
  return found;
}

Error unknown_bytes(const std::string& path, std::uint64_t size) {
  return corrupt(
      fmt::format("{}: {} bytes that this sink's ledger does not know; put back the state folder "
                  "that it belongs to, or move it away",
                  path, size));
}

Error too_short(const std::string& path, std::uint64_t committed, std::string_view found) {
  return corrupt(
      fmt::format("{}: expected at least {} bytes, found {}; it was changed behind docmill's back; "
                  "put the whole file back, or start over with --fresh",
                  path, committed, found));
}

}  // namespace

Result<AppendFile> AppendFile::open(Disk& disk, const std::string& path,
                                    std::optional<std::uint64_t> committed) {
  const std::uint64_t length = committed.value_or(0);
  const std::filesystem::path folder = folder_of(path);
  FileFacts known;
  if (length > 0 && disk.look_at(Disk::kHere, path, known) != 0 && errno == ENOENT) {
    return too_short(path, length, "no file");
  }
  if (auto made = make_folder(disk, folder, 0777); !made.ok()) return made.error();
  Result<DiskFile> file = open_locked(disk, path, length == 0);
  if (!file.ok()) return file.error();
  const Result<FileFacts> found = facts_of(*file, path);
  if (!found.ok()) return found.error();

  if (!committed && found->size > 0) return unknown_bytes(path, found->size);
  if (found->size < length) return too_short(path, length, fmt::format("{}", found->size));
  // Also when the file was there: the process that made it may have died before its sync.
  if (auto synced = sync_folder(disk, folder); !synced.ok()) return synced.error();
  return AppendFile(path, std::move(*file), *found, length);
}

Result<AppendFile> AppendFile::open(Disk& disk, const std::string& path, const FileMark& mark) {
  FileFacts found;
  const bool is_file =
      disk.look_at(Disk::kHere, path, found) == 0 && found.kind == FileFacts::Kind::kFile;
  if (is_file && found.size >= mark.length) {
    const auto ours = is_ours(disk, path, mark);
    if (!ours) return ours.error();
    if (!*ours && mark.length == 0) return unknown_bytes(path, found.size);
    if (!*ours) {
      return corrupt(fmt::format(
          "{}: expected the file that this sink wrote, with {} bytes committed, found another one "
          "of {} bytes; put the file back, or move this one away and start over with --fresh",
          path, mark.length, found.size));
    }
  }
  auto file = open(disk, path, std::optional(mark.length));
  if (file) file->tail_ = mark.tail;
  return file;
}

Result<void> AppendFile::cut_back() {
  DOCMILL_CHECK(!broken_, "{} is used after its disk did not do what it was told", path_);
  return uncommitted_ == 0 ? Result<void>() : shorten(length_);
}

// Durable before anything is written: old bytes must not come back behind new ones.
Result<void> AppendFile::shorten(std::uint64_t length) {
  if (file_.truncate(length) != 0) {
    if (is_transient(errno)) return disk_error(path_, "cut back", errno);
    return broken("cut back", errno);
  }
  if (const int error_number = sync_data(file_); error_number != 0) {
    return broken("sync", error_number);
  }
  if (length != length_) tail_ = {};
  length_ = length;
  uncommitted_ = 0;
  return {};
}

// What was opened once may have lost its path since: bytes that go to a moved or removed file are
// in no output.
Result<void> AppendFile::check_path(std::uint64_t length, const FileTail& tail) {
  Disk& disk = file_.disk();
  FileFacts found;
  if (disk.look_at(Disk::kHere, path_, found) != 0) {
    if (errno == ENOENT || errno == ENOTDIR) return displaced(length, "no file");
    return file_error(path_, "look", errno, "let this user read its folder");
  }
  if (found.size < length) return displaced(length, fmt::format("{}", found.size));
  if (found.identity == identity_) return {};
  // Some network file systems number a file anew while it is open.
  const auto same = has_tail(disk, path_, length, tail);
  if (!same) return same.error();
  return *same ? Result<void>() : displaced(length, "another file");
}

// A group counts only if it is in the file at its path, behind the bytes before it. Whoever moves
// the file after this moves the group with it.
Result<void> AppendFile::check_group(const FileTail& tail) {
  if (auto checked = check_path(length_ + group_.size(), tail); !checked) return checked;
  if (tail_.size == 0) return {};
  // Cut between our look and our write, the file has a hole instead.
  const auto kept = has_tail(file_.disk(), path_, length_, tail_);
  // Without a free descriptor, path and size must do: a daemon goes on writing then.
  if (!kept && kept.error().code == ErrorCode::kUnavailable) return {};
  if (!kept) return kept.error();
  return *kept ? Result<void>() : displaced(length_, "other bytes");
}

Result<void> AppendFile::sync() {
  DOCMILL_CHECK(!broken_, "{} is used after its disk did not do what it was told", path_);
  const bool cuts = uncommitted_ > 0 && is_current_;
  if (group_.empty() && !cuts) return {};
  if (auto checked = check_path(length_, tail_); !checked) return checked;
  if (auto cut = cut_back(); !cut) return cut;
  if (group_.empty()) return {};

  if (const int error_number = write_group(); error_number != 0) {
    if (!is_transient(error_number)) return broken("append", error_number);
    // What was written is not durable and will be written again: give the room back meanwhile. The
    // next write begins at the durable length either way.
    if (file_.truncate(length_) != 0 && !is_transient(errno)) {
      return broken("cut back", errno);
    }
    return unavailable(
        fmt::format("{}: append {} bytes: {}", path_, group_.size(), error_text(error_number)));
  }
  if (const int error_number = sync_data(file_); error_number != 0) {
    return broken("sync", error_number);
  }
  const FileTail tail = tail_of(group_);
  if (auto checked = check_group(tail); !checked) {
    // Whoever has the file now must not keep what is going to be written again.
    FileFacts own;
    const bool is_longer = file_.look(own) == 0 && own.size > length_;
    if (broken_ && is_longer && file_.truncate(length_) == 0) static_cast<void>(file_.sync());
    return checked;
  }
  length_ += group_.size();
  tail_ = tail;
  group_.clear();  // keeps its memory for the next group
  return {};
}

Result<void> AppendFile::start_again(std::string_view bytes) {
  DOCMILL_CHECK(!broken_, "{} is used after its disk did not do what it was told", path_);
  if (length_ > 0 || uncommitted_ > 0) {
    if (auto emptied = shorten(0); !emptied) return emptied;
  }
  std::string group = std::exchange(group_, std::string(bytes));
  auto synced = sync();
  group_ = std::move(group);
  return synced;
}

int AppendFile::write_group() {
  std::size_t written = 0;
  while (written < group_.size()) {
    const ssize_t count = file_.write(std::string_view(group_).substr(written), length_ + written);
    if (count > 0) {
      written += static_cast<std::size_t>(count);
    } else if (count == 0) {
      return EIO;  // a file never does this
    } else if (errno != EINTR) {
      return errno;
    }
  }
  return 0;
}

Error AppendFile::broken(std::string_view action, int error_number) {
  broken_ = true;
  return corrupt(fmt::format("{}: {}: {}; check the disk, then start again", path_, action,
                             error_text(error_number)));
}

Error AppendFile::displaced(std::uint64_t expected, std::string_view found) {
  broken_ = true;
  return corrupt(
      fmt::format("{}: expected the file that is appended to, with at least {} bytes, got {}; put "
                  "the whole file back, or name another path; use 'rotate' to rotate an output",
                  path_, expected, found));
}

}  // namespace docmill
