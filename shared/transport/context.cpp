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
  return open(io_threads, std::make_shared<HostNames>(kLookUpEvery, HostWatch::look_up));
}

Result<Context> Context::open(HostWatch::Lookup lookup, Duration every) {
  return open(1, std::make_shared<HostNames>(every, std::move(lookup)));
}

Result<Context> Context::open_another() const { return open(1, names_); }

Result<Context> Context::open(int io_threads, std::shared_ptr<HostNames> names) {
  // Three for each thread (the reaper is one) and the first socket's; without them libzmq aborts.
  if (auto files = expect_free_files(16 + 3 * static_cast<std::uint32_t>(io_threads)); !files) {
    return files.error();
  }
  void* handle = zmq_ctx_new();
  DOCMILL_CHECK(handle != nullptr, "errno {}", errno);
  zmq_ctx_set(handle, ZMQ_IO_THREADS, io_threads);
  zmq_ctx_set(handle, ZMQ_MAX_SOCKETS, kSockets);
  return Context(std::shared_ptr<void>(handle, end), std::move(names));
}

}  // namespace docmill
