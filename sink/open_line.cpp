#include "sink/open_line.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "shared/store/file_descriptor.h"
#include "shared/store/whole_file.h"

namespace docmill {
namespace {

// Open for reading, too, which our descriptor may not be.
constexpr const char* kStandardOutput = "/proc/self/fd/1";

bool is_within_a_line(Disk& disk, std::uint64_t size) {
  const bool appends = (fcntl(STDOUT_FILENO, F_GETFL) & O_APPEND) != 0;
  const off_t at = appends ? static_cast<off_t>(size) : lseek(STDOUT_FILENO, 0, SEEK_CUR);
  if (at <= 0) return false;
  const DiskFile file(disk, disk.open(Disk::kHere, kStandardOutput, O_RDONLY, 0));
  char last = '\n';
  return file.open() && file.read(&last, 1, static_cast<std::uint64_t>(at) - 1) == 1 &&
         last != '\n';
}

// A pipe that was made anew has nobody's half line in it.
std::string line_of(const char* state) {
  struct stat found {};
  if (fstat(STDOUT_FILENO, &found) != 0) return {};
  return fmt::format("{} {}:{}\n", state, found.st_dev, found.st_ino);
}

}  // namespace

Result<bool> OpenLine::left() {
  struct stat found {};
  if (fstat(STDOUT_FILENO, &found) == 0 && S_ISREG(found.st_mode)) {
    return is_within_a_line(disk_, static_cast<std::uint64_t>(found.st_size));
  }
  std::string text;
  const int error_number = read_whole(disk_, path_, text);
  if (error_number == ENOENT) return false;
  if (error_number != 0) {
    return file_error(path_.string(), "read", error_number, "let this user read it");
  }
  begun_ = text.starts_with(line_of("open"));
  return begun_;
}

Result<void> OpenLine::begin() {
  if (begun_) return {};
  auto begun = put("open");
  begun_ = begun.ok();
  return begun;
}

// When it fails an empty line may follow the complete one in the next life.
void OpenLine::end() {
  if (begun_ && put("done")) begun_ = false;
}

Result<void> OpenLine::put(const char* state) {
  if (!file_.open()) {
    file_ = DiskFile(disk_, disk_.open(Disk::kHere, path_.string(), O_WRONLY | O_CREAT, 0600));
    if (!file_.open()) {
      return file_error(path_.string(), "open", errno, "let this user write in the state folder");
    }
  }
  const std::string line = line_of(state);
  const ssize_t written = file_.write(line, 0);
  if (written == static_cast<ssize_t>(line.size())) return {};
  return disk_error(path_.string(), "write", written < 0 ? errno : ENOSPC);
}

}  // namespace docmill
