#include "shared/transport/doorman.h"

#include <fmt/format.h>
#include <zmq.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <optional>
#include <string_view>
#include <utility>

#include "shared/base/check.h"
#include "shared/transport/key_pair.h"
#include "shared/transport/open_files.h"

namespace docmill {
namespace {

constexpr const char* kQuestions = "inproc://zeromq.zap.01";
constexpr std::string_view kVersion = "1.0";
// For good means that the peer never comes back, not even with a key that we know by then.
constexpr std::string_view kYes = "200", kNotNow = "300";
constexpr int kWatched = ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL |
                         ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL | ZMQ_EVENT_MONITOR_STOPPED;

// Questions, and events of each socket, before the thread looks at the others and at its end.
constexpr int kMaxPerTurn = 1000;

// All frames of the next message; nothing when there is none.
std::optional<std::vector<std::string>> receive(void* socket) {
  std::vector<std::string> frames;
  for (bool more = true; more;) {
    zmq_msg_t message;
    zmq_msg_init(&message);
    const int received = zmq_msg_recv(&message, socket, ZMQ_DONTWAIT);
    if (received >= 0) {
      frames.emplace_back(static_cast<const char*>(zmq_msg_data(&message)), zmq_msg_size(&message));
      more = zmq_msg_more(&message) != 0;
    }
    const int problem = errno;
    zmq_msg_close(&message);
    if (received >= 0 || problem == EINTR) continue;
    DOCMILL_CHECK(problem == EAGAIN && frames.empty(), "{}", zmq_strerror(problem));
    return std::nullopt;
  }
  return frames;
}

void set(void* socket, int option, int value) {
  const int done = zmq_setsockopt(socket, option, &value, sizeof value);
  DOCMILL_CHECK(done == 0, "option {}: {}", option, zmq_strerror(errno));
}

}  // namespace

void Doorman::Closed::operator()(void* socket) const { zmq_close(socket); }

Result<std::unique_ptr<Doorman>> Doorman::open(const Context& context, Admission& admission) {
  if (auto files = expect_free_files(16); !files) return files.error();
  auto wakeup = Wakeup::open();
  if (!wakeup) return wakeup.error();
  Handle questions(zmq_socket(context.handle_.get(), ZMQ_REP));
  DOCMILL_CHECK(questions != nullptr, "{}", zmq_strerror(errno));
  set(questions.get(), ZMQ_LINGER, 0);
  const int bound = zmq_bind(questions.get(), kQuestions);
  DOCMILL_CHECK(bound == 0, "{}: a context has one doorman", zmq_strerror(errno));
  return std::unique_ptr<Doorman>(
      new Doorman(context.handle_, std::move(questions), std::move(*wakeup), admission));
}

Doorman::Doorman(std::shared_ptr<void> context, Handle questions, Wakeup wakeup,
                 Admission& admission)
    : context_(std::move(context)),
      questions_(std::move(questions)),
      wakeup_(std::move(wakeup)),
      admission_(admission),
      thread_([this] { run(); }) {}

Doorman::~Doorman() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wakeup_.wake();
  thread_.join();
}

void Doorman::watch(void* socket) {
  static std::atomic<std::uint64_t> count = 0;
  const std::string address = fmt::format("inproc://docmill.watch.{}", ++count);
  const int watched = zmq_socket_monitor(socket, address.c_str(), kWatched);
  DOCMILL_CHECK(watched == 0, "{}", zmq_strerror(errno));
  Handle monitor(zmq_socket(context_.get(), ZMQ_PAIR));
  DOCMILL_CHECK(monitor != nullptr, "{}", zmq_strerror(errno));
  set(monitor.get(), ZMQ_LINGER, 0);
  set(monitor.get(), ZMQ_RCVHWM, 0);  // full, it would stop libzmq's thread
  const int connected = zmq_connect(monitor.get(), address.c_str());
  DOCMILL_CHECK(connected == 0, "{}", zmq_strerror(errno));
  const std::lock_guard lock(mutex_);
  monitors_.push_back(std::move(monitor));
  wakeup_.wake();
}

void Doorman::run() {
  std::vector<Handle> watched;
  std::vector<zmq_pollitem_t> items;
  while (true) {
    {
      const std::lock_guard lock(mutex_);
      if (stopping_) break;
      for (Handle& monitor : monitors_) watched.push_back(std::move(monitor));
      monitors_.clear();
    }
    items = {{questions_.get(), 0, ZMQ_POLLIN, 0}, {nullptr, wakeup_.fd(), ZMQ_POLLIN, 0}};
    for (const Handle& monitor : watched) items.push_back({monitor.get(), 0, ZMQ_POLLIN, 0});
    zmq_poll(items.data(), static_cast<int>(items.size()), -1);
    wakeup_.clear();
    for (int i = 0; i < kMaxPerTurn && answer(); ++i) continue;
    std::erase_if(watched, [this](const Handle& monitor) { return !look(monitor.get()); });
  }
}

// Question: version, request, door, address, identity, mechanism, key (32 bytes).
// Answer: version, request, code, text, name, metadata.
bool Doorman::answer() {
  const auto question = receive(questions_.get());
  if (!question) return false;
  DOCMILL_CHECK(question->size() >= 6 && question->front() == kVersion, "{} frames",
                question->size());
  std::string name;
  if (question->size() == 7 && question->at(5) == "CURVE") {
    name = admission_.admit({question->at(2), question->at(3), key_text(question->at(6))});
  }
  const std::string_view answer[] = {
      kVersion, question->at(1), name.empty() ? kNotNow : kYes, "", name, ""};
  for (std::size_t i = 0; i < std::size(answer); ++i) {
    const int flags = ZMQ_DONTWAIT | (i + 1 < std::size(answer) ? ZMQ_SNDMORE : 0);
    zmq_send(questions_.get(), answer[i].data(), answer[i].size(), flags);
  }
  return true;
}

// False when the socket is gone.
bool Doorman::look(void* monitor) {
  for (int i = 0; i < kMaxPerTurn; ++i) {
    const auto message = receive(monitor);
    if (!message) return true;
    std::uint16_t event = 0;
    std::uint32_t value = 0;
    DOCMILL_CHECK(message->front().size() == sizeof event + sizeof value, "{} bytes",
                  message->front().size());
    std::memcpy(&event, message->front().data(), sizeof event);
    std::memcpy(&value, message->front().data() + sizeof event, sizeof value);
    if (event == ZMQ_EVENT_MONITOR_STOPPED) return false;
    const bool hung_up =
        event == ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL && (value == EPIPE || value == ECONNRESET);
    if (hung_up || value == ZMQ_PROTOCOL_ERROR_ZMTP_MECHANISM_MISMATCH) {
      admission_.failed(Admission::Fault::kNoKey);
    } else if (value == ZMQ_PROTOCOL_ERROR_ZMTP_CRYPTOGRAPHIC) {
      admission_.failed(Admission::Fault::kOtherKey);
    }
  }
  return true;
}

}  // namespace docmill
