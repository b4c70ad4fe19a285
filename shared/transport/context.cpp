#include "shared/transport/context.h"

#include <zmq.h>

#include <cerrno>

#include "shared/base/check.h"
#include "shared/transport/open_files.h"

namespace docmill {
namespace {

constexpr int kSockets = 4096;

void end(void* handle) {
  while (zmq_ctx_term(handle) != 0 && errno == EINTR) {
  }
}

}  // namespace

Result<Context> Context::open(int io_threads) {
  // Three for each thread (the reaper is one) and the first socket's; without them libzmq aborts.
  if (auto files = expect_free_files(16 + 3 * static_cast<std::uint32_t>(io_threads)); !files) {
    return files.error();
  }
  void* handle = zmq_ctx_new();
  DOCMILL_CHECK(handle != nullptr, "errno {}", errno);
  zmq_ctx_set(handle, ZMQ_IO_THREADS, io_threads);
  zmq_ctx_set(handle, ZMQ_MAX_SOCKETS, kSockets);
  return Context(std::shared_ptr<void>(handle, end));
}

}  // namespace docmill
