#include "cli/testing/memory_file.h"

#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>

namespace docmill {

Result<MemoryFile> MemoryFile::make(std::string_view bytes) {
  MemoryFile file(FileDescriptor(memfd_create("docmill-test-input", MFD_CLOEXEC)));
  if (!file.descriptor_.open()) return unavailable("make a file in memory: " + error_text(errno));
  while (!bytes.empty()) {
    const ssize_t written = write(file.descriptor_.number(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return unavailable("write a file in memory: " + error_text(errno));
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return file;
}

std::filesystem::path MemoryFile::path() const {
  return fmt::format("/proc/self/fd/{}", descriptor_.number());
}

}  // namespace docmill
