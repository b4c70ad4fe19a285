#include "producer/files/folder_watch.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <filesystem>

#include "producer/files/file_search.h"

namespace docmill {
namespace {

constexpr Duration kLook = std::chrono::seconds(2);
constexpr int kMaxReads = 64;  // of a call; other programs may make events all the time
constexpr std::chrono::seconds kQuiet(2);

std::string folder_to_watch(const std::string& path) {
  std::error_code unknown;
  if (std::filesystem::is_directory(path, unknown)) return path;
  const std::string folder = std::filesystem::path(path).parent_path();
  return folder.empty() ? "." : folder;
}

}  // namespace

FolderWatch::FolderWatch(const std::string& path, const Clock& clock)
    : folder_(folder_to_watch(path)),
      clock_(clock),
      inotify_(inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) {
  looked();
  came_ = true;
}

bool FolderWatch::due() {
  char events[4096];
  for (int i = 0; i < kMaxReads && inotify_.open(); ++i) {
    if (::read(inotify_.number(), events, sizeof events) <= 0) break;
    came_ = true;
  }
  const Time now = clock_.now();
  return now >= rest_until_ && (came_ || now >= next_look_);
}

void FolderWatch::looked() {
  came_ = false;
  next_look_ = clock_.now() + kLook;
  // Again each time: what was watched may be gone, and another folder there.
  if (inotify_.open()) {
    inotify_add_watch(inotify_.number(), folder_.c_str(), IN_CLOSE_WRITE | IN_MOVED_TO);
  }
}

std::string FolderWatch::trouble() const {
  std::error_code unknown;
  if (is_pattern(folder_) || std::filesystem::is_directory(folder_, unknown)) return {};
  return fmt::format("path: expected the folder {}, found none; make it: it is looked for every {}",
                     folder_, to_string(kLook));
}

bool WholeFiles::is_whole(const std::string& path) {
  const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  // Whether somebody writes to it cannot be told now. Any other error is the reader's to report.
  if (!file.open()) return !is_transient(errno);
  // A lease is given only while nobody writes. Who opens it for writing in this moment makes the
  // kernel send a signal, which must not be the one that ends us.
  fcntl(file.number(), F_SETSIG, SIGURG);
  if (fcntl(file.number(), F_SETLEASE, F_RDLCK) == 0) {
    fcntl(file.number(), F_SETLEASE, F_UNLCK);
    return true;
  }
  if (errno == EAGAIN) return false;
  struct stat facts {};
  if (fstat(file.number(), &facts) != 0) return false;
  return is_quiet(path, static_cast<std::uint64_t>(facts.st_size), facts.st_mtime, ::time(nullptr),
                  std::chrono::steady_clock::now());
}

bool WholeFiles::is_quiet(const std::string& path, std::uint64_t size, std::int64_t modified,
                          std::int64_t today, Time now) {
  if (modified + kQuiet.count() <= today) {
    looks_.erase(path);
    return true;
  }
  const auto [known, first] = looks_.try_emplace(path, Look{size, modified, now});
  if (first) return false;
  if (known->second.size != size || known->second.modified != modified) {
    known->second = {size, modified, now};
    return false;
  }
  if (now - known->second.since < kQuiet) return false;
  looks_.erase(known);
  return true;
}

}  // namespace docmill
