#include "shared/transport/frame.h"

#include <zmq.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <utility>

#include "shared/base/check.h"

namespace docmill {
namespace {

// A reference on its way through libzmq. Its queues order the thread that gives it away before the
// one that lets go of it, but out of the thread sanitizer's sight: the flag says it again.
struct Shared {
  std::shared_ptr<const std::string> bytes;
  std::atomic<bool> given = false;
};

// Called by libzmq's thread.
void release(void*, void* hint) {
  auto* shared = static_cast<Shared*>(hint);
  if (shared->given.load(std::memory_order_acquire)) delete shared;
}

}  // namespace

static_assert(sizeof(zmq_msg_t) == 64 && alignof(zmq_msg_t) <= alignof(void*));

zmq_msg_t* Frame::message() const { return reinterpret_cast<zmq_msg_t*>(storage_.data()); }

Frame::Frame() { zmq_msg_init(message()); }

Frame::~Frame() { zmq_msg_close(message()); }

Frame::Frame(Frame&& other) noexcept : Frame() { *this = std::move(other); }

Frame& Frame::operator=(Frame&& other) noexcept {
  if (this != &other) {
    zmq_msg_move(message(), other.message());
    shared_ = std::exchange(other.shared_, false);
  }
  return *this;
}

Frame Frame::copy(std::string_view bytes) {
  Frame frame;
  const int made = zmq_msg_init_size(frame.message(), bytes.size());
  DOCMILL_CHECK(made == 0, "{} bytes, errno {}", bytes.size(), errno);
  if (!bytes.empty()) std::memcpy(zmq_msg_data(frame.message()), bytes.data(), bytes.size());
  return frame;
}

Frame Frame::share(std::shared_ptr<const std::string> bytes) {
  Frame frame;
  auto* shared = new Shared{.bytes = std::move(bytes)};
  const std::string_view held = *shared->bytes;
  shared->given.store(true, std::memory_order_release);
  // libzmq wants a pointer to mutable bytes; it only reads them.
  const int made = zmq_msg_init_data(frame.message(), const_cast<char*>(held.data()), held.size(),
                                     release, shared);
  DOCMILL_CHECK(made == 0, "{} bytes, errno {}", held.size(), errno);
  frame.shared_ = true;
  return frame;
}

std::string_view Frame::bytes() const {
  return {static_cast<const char*>(zmq_msg_data(message())), zmq_msg_size(message())};
}

std::string_view Frame::sender() const {
  const char* name = zmq_msg_gets(message(), "User-Id");
  return name == nullptr ? std::string_view() : name;
}

char* Frame::data() {
  DOCMILL_CHECK(!shared_, "{} bytes", size());
  return static_cast<char*>(zmq_msg_data(message()));
}

}  // namespace docmill
