#include "shared/store/state_folder.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>

#include "shared/store/file_descriptor.h"
#include "shared/store/folder.h"
#include "shared/store/whole_file.h"

namespace docmill {
namespace {

constexpr const char* kPipelineFile = "pipeline";

// The process that holds the lock, as it wrote itself down; 0 in the instant before it has.
std::int64_t number_in(const DiskFile& lock) {
  char bytes[24];
  const ssize_t size = lock.read(bytes, sizeof bytes, 0);
  const std::string_view text(bytes, size > 0 ? static_cast<std::size_t>(size) : 0);
  const std::string_view pid = text.substr(0, text.find('\n'));
  std::int64_t process = 0;
  const auto [end, failed] = std::from_chars(pid.data(), pid.data() + pid.size(), process);
  const bool whole = failed == std::errc() && end == pid.data() + pid.size();
  return whole && process > 0 ? process : 0;
}

std::string holder(const DiskFile& lock) {
  const std::int64_t process = number_in(lock);
  return process > 0 ? fmt::format("process {}", process) : "another process";
}

}  // namespace

std::int64_t StateFolder::process_of(Disk& disk, const std::filesystem::path& state,
                                     const std::string& name) {
  const DiskFile lock(disk, disk.open(Disk::kHere, state / name / "lock", O_RDWR, 0));
  if (!lock.open() || lock.lock() == 0 || errno != EWOULDBLOCK) return 0;
  return number_in(lock);
}

Result<StateFolder> StateFolder::open(Disk& disk, const std::filesystem::path& state,
                                      const std::string& name, const LockWait& wait) {
  const std::filesystem::path path = state / name;
  if (auto made = make_folder(disk, path, 0700); !made.ok()) return made.error();
  return lock(disk, path, name, wait);
}

Result<std::optional<StateFolder>> StateFolder::find(Disk& disk, const std::filesystem::path& state,
                                                     const std::string& name,
                                                     const LockWait& wait) {
  const std::filesystem::path path = state / name;
  FileFacts found;
  if (disk.look_at(Disk::kHere, path.string(), found) != 0 && errno == ENOENT) {
    return std::optional<StateFolder>();
  }
  auto folder = lock(disk, path, name, wait);
  if (!folder.ok()) return folder.error();
  return std::optional(std::move(*folder));
}

Result<StateFolder> StateFolder::lock(Disk& disk, const std::filesystem::path& path,
                                      const std::string& name, const LockWait& wait) {
  const std::string file = path / "lock";
  DiskFile lock(disk, disk.open(Disk::kHere, file, O_RDWR | O_CREAT, 0600));
  if (!lock.open()) {
    return file_error(file, "open", errno,
                      "let this user write there, or name another state folder");
  }
  while (lock.lock() != 0) {
    if (errno == EWOULDBLOCK) {
      if (wait && wait()) continue;
      return config_error(
          fmt::format("{}: in use by {}; stop it first, or give this daemon another name",
                      path.string(), holder(lock)));
    }
    return file_error(file, "lock", errno, "put the state on a local disk");
  }

  // For the message above only: the lock holds without it, and a full disk must not stop a start.
  // Written over the earlier number, which has its room already.
  const std::string pid = fmt::format("{}\n", getpid());
  if (lock.write(pid, 0) < 0) {
    const int problem = errno;
    // The earlier number may be that of another process by now.
    static_cast<void>(lock.truncate(0));
    if (!is_transient(problem)) {
      return file_error(file, "write", problem, "put the state on a local disk");
    }
  }
  StateFolder folder(path, name, std::move(lock));
  std::string text;
  const std::filesystem::path pipeline = path / kPipelineFile;
  // Otherwise a name that cannot be read now would be taken for none, and replaced.
  if (const int problem = read_whole(disk, pipeline, text); problem != 0 && problem != ENOENT) {
    return file_error(pipeline.string(), "read", problem, "let this user read it");
  }
  folder.pipeline_ = text.substr(0, text.find('\n'));
  return folder;
}

Result<void> StateFolder::belong_to(const std::string& pipeline) {
  if (pipeline_ == pipeline) return {};
  const std::string file = path_ / kPipelineFile;
  if (!pipeline_.empty()) {
    return config_error(
        fmt::format("{}: expected the state of pipeline '{}', found that of '{}'; give each "
                    "pipeline a 'state' of its own or, if this one was renamed, remove {}",
                    path_.string(), pipeline, pipeline_, file));
  }
  if (auto kept = write_whole(disk(), file, pipeline + '\n'); !kept) return kept;
  pipeline_ = pipeline;
  return {};
}

}  // namespace docmill
