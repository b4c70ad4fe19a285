// Preloaded into a transformer (LD_PRELOAD), has its workers wait before each batch that they pass
// on: as many milliseconds as the file DOCMILL_WAIT says, four bytes in native order that may be
// changed meanwhile. So a transformer is as fast as a test wants, on however few cores. Its first
// thread, which says that it is there and what it does, does not wait.
#include <dlfcn.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zmq.h>

#include <atomic>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

namespace {

using Send = int (*)(zmq_msg_t*, void*, int);

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

extern "C" int zmq_msg_send(zmq_msg_t* message, void* socket, int flags) {
  static const auto send = reinterpret_cast<Send>(::dlsym(RTLD_NEXT, "zmq_msg_send"));
  if (::gettid() != ::getpid() && (flags & ZMQ_SNDMORE) != 0) {
    ::poll(nullptr, 0, static_cast<int>(milliseconds()));
  }
  return send(message, socket, flags);
}
