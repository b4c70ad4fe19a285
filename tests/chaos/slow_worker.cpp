// Preloaded into a transformer (LD_PRELOAD), makes its workers wait before they hand over what they
// made of a batch: as many milliseconds as the file DOCMILL_WAIT says, four bytes in native order
// that may be changed meanwhile. So a transformer is as fast as a test wants, on however few cores.
//
// A worker wakes the thread that owns the sockets twice for each batch, at its start and at its
// end; the second call waits.
#include <dlfcn.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

namespace {

using Write = int (*)(int, eventfd_t);

const std::atomic<std::uint32_t>& milliseconds() {
  static const auto* wait = [] {
    const char* path = std::getenv("DOCMILL_WAIT");
    const int file = path == nullptr ? -1 : ::open(path, O_RDONLY | O_CLOEXEC);
    void* mapped = ::mmap(nullptr, sizeof(std::uint32_t), PROT_READ, MAP_SHARED, file, 0);
    if (mapped == MAP_FAILED) {
      std::perror("slow_worker: DOCMILL_WAIT");
      std::abort();
    }
    ::close(file);
    return static_cast<const std::atomic<std::uint32_t>*>(mapped);
  }();
  return *wait;
}

}  // namespace

extern "C" int eventfd_write(int fd, eventfd_t value) {
  static const auto write = reinterpret_cast<Write>(::dlsym(RTLD_NEXT, "eventfd_write"));
  static thread_local unsigned calls = 0;
  if (::gettid() != ::getpid() && ++calls % 2 == 0) {
    ::poll(nullptr, 0, static_cast<int>(milliseconds()));
  }
  return write(fd, value);
}
