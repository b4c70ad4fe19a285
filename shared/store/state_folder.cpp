#include "shared/store/state_folder.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>

#include "shared/store/file_descriptor.h"
#include "shared/store/folder.h"

namespace docmill {
namespace {

// The process that holds the lock, as it wrote itself down; "another process" in the instant before
// it has.
std::string holder(const DiskFile& lock) {
  char bytes[24];
  const ssize_t size = lock.read(bytes, sizeof bytes, 0);
  const std::string_view text(bytes, size > 0 ? static_cast<std::size_t>(size) : 0);
  const std::string_view pid = text.substr(0, text.find('\n'));
  const bool number = !pid.empty() && pid.find_first_not_of("0123456789") == std::string_view::npos;
  return number ? fmt::format("process {}", pid) : "another process";
}

}  // namespace

Result<StateFolder> StateFolder::open(Disk& disk, const std::filesystem::path& state,
                                      const std::string& name) {
  const std::filesystem::path path = state / name;
  if (auto made = make_folder(disk, path, 0700); !made.ok()) return made.error();

  const std::string file = path / "lock";
  DiskFile lock(disk, disk.open(Disk::kHere, file, O_RDWR | O_CREAT, 0600));
  if (!lock.open()) {
    return file_error(file, "open", errno,
                      "let this user write there, or name another state folder");
  }
  if (lock.lock() != 0) {
    if (errno == EWOULDBLOCK) {
      return config_error(
          fmt::format("{}: in use by {}; stop it first, or give this daemon another name",
                      path.string(), holder(lock)));
    }
    return file_error(file, "lock", errno, "put the state on a local disk");
  }

  // For the message above only: the lock holds without it.
  const std::string pid = fmt::format("{}\n", getpid());
  if (lock.truncate(0) != 0 || lock.write(pid, 0) < 0) {
    return file_error(file, "write", errno, "put the state on a local disk");
  }
  return StateFolder(path, name, std::move(lock));
}

}  // namespace docmill
