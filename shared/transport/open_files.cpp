#include "shared/transport/open_files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <vector>

namespace docmill {

std::uint64_t raise_file_limit() {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
  ::getrlimit(RLIMIT_NOFILE, &limit);
  return limit.rlim_cur;
}

Result<void> expect_free_files(std::uint32_t count) {
  std::vector<int> taken;
  while (taken.size() < count) {
    const int fd = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (fd < 0) break;
    taken.push_back(fd);
  }
  for (const int fd : taken) ::close(fd);
  if (taken.size() == count) return {};
  return unavailable(
      fmt::format("expected {} files that can be opened, found {}; raise the limit of open files "
                  "(ulimit -n)",
                  count, taken.size()));
}

}  // namespace docmill
