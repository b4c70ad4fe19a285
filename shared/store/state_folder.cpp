#include "shared/store/state_folder.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>

#include "shared/store/folder.h"

namespace docmill {
namespace {

constexpr const char* kPipelineFile = "pipeline";

// The process that holds the lock, as it wrote itself down; "another process" in the instant before
// it has.
std::string holder(const FileDescriptor& lock) {
  char bytes[24];
  const ssize_t size = pread(lock.number(), bytes, sizeof bytes, 0);
  const std::string_view text(bytes, size > 0 ? static_cast<std::size_t>(size) : 0);
  const std::string_view pid = text.substr(0, text.find('\n'));
  const bool number = !pid.empty() && pid.find_first_not_of("0123456789") == std::string_view::npos;
  return number ? fmt::format("process {}", pid) : "another process";
}

}  // namespace

std::int64_t StateFolder::process_of(const std::filesystem::path& state, const std::string& name) {
  const std::string file = state / name / "lock";
  const FileDescriptor lock(::open(file.c_str(), O_RDWR | O_CLOEXEC));
  if (!lock.open() || flock(lock.number(), LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK)
    return 0;
  std::ifstream text(file);
  std::int64_t process = 0;
  return text >> process ? process : 0;
}

Result<StateFolder> StateFolder::open(const std::filesystem::path& state, const std::string& name) {
  const std::filesystem::path path = state / name;
  if (auto made = make_folder(path, 0700); !made.ok()) return made.error();

  const std::string file = path / "lock";
  FileDescriptor lock(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!lock.open()) {
    return file_error(file, "open", errno,
                      "let this user write there, or name another state folder");
  }
  if (flock(lock.number(), LOCK_EX | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK) {
      return config_error(
          fmt::format("{}: in use by {}; stop it first, or give this daemon another name",
                      path.string(), holder(lock)));
    }
    return file_error(file, "lock", errno, "put the state on a local disk");
  }

  // For the message above only: the lock holds without it.
  const std::string pid = fmt::format("{}\n", getpid());
  if (ftruncate(lock.number(), 0) != 0 || pwrite(lock.number(), pid.data(), pid.size(), 0) < 0) {
    return file_error(file, "write", errno, "put the state on a local disk");
  }
  StateFolder folder(path, name, std::move(lock));
  std::ifstream(path / kPipelineFile) >> folder.pipeline_;
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
  std::ofstream out(file);
  out << pipeline << '\n' << std::flush;
  if (!out) return file_error(file, "write", errno, "let this user write there");
  pipeline_ = pipeline;
  return sync_folder(path_);
}

}  // namespace docmill
