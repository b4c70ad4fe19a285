#include "producer/http/http_server.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <poll.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <map>
#include <mutex>
#include <utility>

#include "producer/http/http_refusals.h"
#include "shared/transport/accept_guard.h"

namespace docmill {

class HttpExchange {
 public:
  explicit HttpExchange(MHD_Connection* at) : connection(at) {}

  MHD_Connection* connection;
  HttpRequest request;
  std::optional<HttpAnswer> answer;
  std::uint64_t most = 0;     // bytes that the body may have
  std::uint64_t held = 0;     // bytes of the body that count against HttpLimits::memory
  std::uint64_t dropped = 0;  // bytes that came and are not wanted
  bool is_last = false;       // of its connection
  bool waited = false;        // it was suspended, and is answered
};

struct HttpServer::Parts {
  struct Connection {
    int socket = -1;
    bool waits = false;           // its request is whole
    std::optional<Time> since{};  // when it was first seen in this state
  };

  HttpLimits limits;
  HttpHandler& handler;
  MHD_Daemon* daemon = nullptr;
  int listener = -1;  // closed by the daemon
  std::unique_ptr<AcceptGuard> guard = nullptr;
  std::atomic<bool> crowded{false};  // others wait to be accepted
  bool waited_before = false;        // at the last look_after(); who has just come is soon accepted
  std::uint64_t held = 0;            // of all bodies; the server's thread only
  std::mutex mutex{};                // of the following
  std::map<MHD_Connection*, Connection> connections{};
  std::size_t answering = 0;  // requests that waited, whose answer is on its way
  std::condition_variable answered{};

  void note(MHD_Connection* connection, bool waits) {
    const std::lock_guard lock(mutex);
    const auto found = connections.find(connection);
    if (found == connections.end()) return;
    found->second.waits = waits;
    found->second.since.reset();
  }
  // Of a suspended request. Any thread.
  void resume(HttpExchange& exchange, HttpAnswer answer) {
    exchange.answer = std::move(answer);
    {
      const std::lock_guard lock(mutex);
      exchange.waited = true;
      ++answering;
    }
    MHD_resume_connection(exchange.connection);
  }
};

namespace {

constexpr unsigned kHeaderBytes = 32 << 10;     // a connection's memory, headers and all
constexpr std::uint64_t kStillRead = 64 << 10;  // of a body that is too large
constexpr Duration kParting = std::chrono::seconds(1);

using Parts = HttpServer::Parts;
std::string header(MHD_Connection* connection, const char* name) {
  const char* value = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
  return value == nullptr ? std::string() : std::string(value);
}

// What a request says of the length of its body.
struct Lengths {
  std::string first;
  bool differ = false;
  bool chunked = false;
};

MHD_Result note_length(void* cls, MHD_ValueKind /*kind*/, const char* name, const char* value) {
  auto& lengths = *static_cast<Lengths*>(cls);
  const std::string text = value == nullptr ? "" : value;
  if (strcasecmp(name, "Transfer-Encoding") == 0) lengths.chunked = true;
  if (strcasecmp(name, "Content-Length") == 0) {
    if (lengths.first.empty()) lengths.first = text;
    if (lengths.first != text) lengths.differ = true;
  }
  return MHD_YES;
}

// Something in front of us may have read another length than we would, and what follows the body
// would be a request that it never saw.
bool has_two_lengths(MHD_Connection* connection) {
  Lengths lengths;
  MHD_get_connection_values(connection, MHD_HEADER_KIND, note_length, &lengths);
  return lengths.differ || (lengths.chunked && !lengths.first.empty());
}

// A client waits that could be accepted. After libmicrohttpd ran out of descriptors, or reached its
// limit of connections, it accepts none until another connection ends.
bool could_accept(int listener) {
  pollfd waiting{listener, POLLIN, 0};
  if (::poll(&waiting, 1, 0) <= 0) return false;
  return FileDescriptor(fcntl(listener, F_DUPFD_CLOEXEC, 0)).open();
}

MHD_Result send(const Parts& parts, HttpExchange& exchange) {
  HttpAnswer& answer = *exchange.answer;
  answer.body += '\n';
  MHD_Response* response = MHD_create_response_from_buffer(answer.body.size(), answer.body.data(),
                                                           MHD_RESPMEM_MUST_COPY);
  if (response == nullptr) return MHD_NO;
  MHD_add_response_header(response, "Content-Type", "application/json");
  if (answer.retry_after > 0) {
    MHD_add_response_header(response, "Retry-After", std::to_string(answer.retry_after).c_str());
  }
  if (exchange.is_last || parts.crowded) MHD_add_response_header(response, "Connection", "close");
  if (!answer.allow.empty()) MHD_add_response_header(response, "Allow", answer.allow.c_str());
  if (answer.status == 401) MHD_add_response_header(response, "WWW-Authenticate", "Bearer");
  const MHD_Result queued = MHD_queue_response(exchange.connection, answer.status, response);
  MHD_destroy_response(response);
  return queued;
}

// A refusal waits until the body is read, where that is short work: a client that is still sending
// would be cut off before it sees the answer.
MHD_Result begin(Parts& parts, HttpExchange& exchange, const char* url, const char* method) {
  MHD_Connection* connection = exchange.connection;
  exchange.request = {.method = method,
                      .path = url,
                      .content_type = header(connection, "Content-Type"),
                      .content_encoding = header(connection, "Content-Encoding"),
                      .authorization = header(connection, "Authorization"),
                      .key = header(connection, "Idempotency-Key"),
                      .body = {}};
  if (has_two_lengths(connection)) {
    exchange.answer = two_lengths();
    exchange.is_last = true;
    return send(parts, exchange);
  }
  exchange.answer = parts.handler.before_body(exchange.request);
  const std::string length = header(connection, "Content-Length");
  const std::uint64_t bytes = std::strtoull(length.c_str(), nullptr, 10);
  if (bytes > parts.limits.body.count) {
    if (!exchange.answer) exchange.answer = too_large(parts.limits.body);
    return send(parts, exchange);
  }
  exchange.most = bytes > 0 ? bytes : parts.limits.body.count;
  const bool bodyless = bytes == 0 && header(connection, "Transfer-Encoding").empty();
  return exchange.answer && bodyless ? send(parts, exchange) : MHD_YES;
}

MHD_Result take_piece(Parts& parts, HttpExchange& exchange, const char* piece, std::size_t size) {
  std::string& body = exchange.request.body;
  if (!exchange.answer && body.size() + size > parts.limits.body.count) {
    exchange.answer = too_large(parts.limits.body);
  }
  if (!exchange.answer) {
    const std::size_t needed = body.size() + size;
    // Doubled, but no more than will come: what is reserved counts.
    if (needed > body.capacity()) {
      body.reserve(std::max<std::uint64_t>(needed, std::min(2 * body.capacity(), exchange.most)));
    }
    body.append(piece, size);
    parts.held += body.capacity() - exchange.held;
    exchange.held = body.capacity();
    if (parts.held <= parts.limits.memory.count) return MHD_YES;
    exchange.answer = crowded();
  }
  body = std::string();
  parts.held -= std::exchange(exchange.held, 0);
  exchange.dropped += size;
  return exchange.dropped > parts.limits.body.count + kStillRead ? MHD_NO : MHD_YES;
}

MHD_Result on_request(void* cls, MHD_Connection* connection, const char* url, const char* method,
                      const char* /*version*/, const char* upload, std::size_t* upload_size,
                      void** context) {
  auto& parts = *static_cast<Parts*>(cls);
  if (*context == nullptr) {
    auto* exchange = new HttpExchange(connection);
    *context = exchange;
    return begin(parts, *exchange, url, method);
  }
  auto& exchange = *static_cast<HttpExchange*>(*context);
  if (*upload_size > 0) return take_piece(parts, exchange, upload, std::exchange(*upload_size, 0));
  if (exchange.answer) return send(parts, exchange);
  parts.note(connection, true);
  // Before anybody else hears of it: it may be answered at once, by another thread.
  MHD_suspend_connection(connection);
  if (auto answer = parts.handler.take(exchange, exchange.request)) {
    parts.resume(exchange, std::move(*answer));
  }
  return MHD_YES;
}

void on_completed(void* cls, MHD_Connection* connection, void** context,
                  MHD_RequestTerminationCode /*why*/) {
  auto& parts = *static_cast<Parts*>(cls);
  auto* exchange = static_cast<HttpExchange*>(std::exchange(*context, nullptr));
  if (exchange == nullptr) return;
  parts.held -= exchange->held;
  if (exchange->waited) {
    const std::lock_guard lock(parts.mutex);
    --parts.answering;
    parts.answered.notify_all();
  }
  delete exchange;
  parts.note(connection, false);
}

void on_connection(void* cls, MHD_Connection* connection, void** /*context*/,
                   MHD_ConnectionNotificationCode code) {
  auto& parts = *static_cast<Parts*>(cls);
  const std::lock_guard lock(parts.mutex);
  if (code == MHD_CONNECTION_NOTIFY_CLOSED) {
    parts.connections.erase(connection);
    return;
  }
  const auto* info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
  if (info != nullptr) parts.connections[connection].socket = info->connect_fd;
}

void say_nothing(void*, const char*, va_list) {}

}  // namespace

HttpServer::HttpServer(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

HttpServer::~HttpServer() {
  {
    std::unique_lock lock(parts_->mutex);
    parts_->answered.wait_for(lock, kParting, [this] { return parts_->answering == 0; });
  }
  parts_->guard.reset();
  MHD_stop_daemon(parts_->daemon);
}

Result<std::unique_ptr<HttpServer>> HttpServer::open(const std::string& bind,
                                                     const HttpLimits& limits,
                                                     HttpHandler& handler) {
  auto socket = listen_at(bind);
  if (!socket) return socket.error();
  std::unique_ptr<Parts> parts(new Parts{.limits = limits, .handler = handler});
  const auto seconds = static_cast<unsigned>(
      std::chrono::duration_cast<std::chrono::seconds>(limits.patience).count() + 1);
  parts->daemon = MHD_start_daemon(
      MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME, 0, nullptr, nullptr, on_request,
      parts.get(), MHD_OPTION_LISTEN_SOCKET, socket->number(), MHD_OPTION_CONNECTION_LIMIT,
      limits.connections, MHD_OPTION_CONNECTION_TIMEOUT, seconds,
      MHD_OPTION_CONNECTION_MEMORY_LIMIT, std::size_t{kHeaderBytes}, MHD_OPTION_NOTIFY_COMPLETED,
      on_completed, parts.get(), MHD_OPTION_NOTIFY_CONNECTION, on_connection, parts.get(),
      MHD_OPTION_EXTERNAL_LOGGER, say_nothing, nullptr, MHD_OPTION_END);
  if (parts->daemon == nullptr) {
    return unavailable(fmt::format(
        "http://{}: expected room for a thread and its files; raise the limits of the process",
        bind));
  }
  parts->listener = socket->release();
  parts->guard = AcceptGuard::watch(parts->listener);
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(parts)));
}

void HttpServer::answer(HttpExchange& exchange, HttpAnswer answer) {
  parts_->resume(exchange, std::move(answer));
}

void HttpServer::look_after(Time now) {
  const bool waits = could_accept(parts_->listener);
  parts_->crowded = std::exchange(parts_->waited_before, waits) && waits;
  const std::lock_guard lock(parts_->mutex);
  for (auto& [connection, state] : parts_->connections) {
    if (!state.since) state.since = now;
    // Its thread sees the end and closes it; the number is its own until it has left the map.
    if (!state.waits && now - *state.since > parts_->limits.patience) {
      shutdown(state.socket, SHUT_RDWR);
    }
  }
}

}  // namespace docmill
