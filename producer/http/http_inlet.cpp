#include "producer/http/http_inlet.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "producer/files/format_choice.h"
#include "producer/spooled/spooled_document.h"

namespace docmill {
namespace {

constexpr std::string_view kDocuments = "/documents";
constexpr std::size_t kMostOfACall = 1 << 20;  // bytes of bodies
constexpr int kMaxRequestsPerTurn = 4096;      // bodies may be empty
constexpr std::size_t kMostLines = 10'000;     // so that the answer stays small
// With a line's number behind it, a key of the spool.
constexpr std::size_t kLongestKey = 240;
constexpr std::uint64_t kBesides = 64;  // bytes of a record beside its document, at most
constexpr Duration kLook = std::chrono::milliseconds(250);

HttpAnswer error_answer(unsigned status, std::string_view text, unsigned retry_after = 0) {
  return {.status = status, .body = error_body(text), .retry_after = retry_after, .allow = {}};
}

HttpAnswer come_again() {
  return error_answer(503, "nothing can be kept at this moment; send again later", 2);
}

HttpAnswer only(std::string_view method) {
  HttpAnswer answer = error_answer(405, fmt::format("expected the method {}", method));
  answer.allow = method;
  return answer;
}

// Takes as long whatever the difference is.
bool same_secret(std::string_view one, std::string_view other) {
  unsigned different = one.size() == other.size() ? 0 : 1;
  for (std::size_t i = 0; i < std::min(one.size(), other.size()); ++i) {
    different |= static_cast<unsigned>(static_cast<unsigned char>(one[i] ^ other[i]));
  }
  return different == 0;
}

}  // namespace

Result<std::unique_ptr<Inlet>> HttpInlet::open(HttpInletSettings settings, const Clock& clock) {
  auto wakeup = Wakeup::open();
  if (!wakeup) return wakeup.error();
  std::unique_ptr<HttpInlet> inlet(new HttpInlet(std::move(settings), clock, std::move(*wakeup)));
  auto server = HttpServer::open(inlet->settings_.bind, inlet->settings_.limits, *inlet);
  if (!server) return server.error();
  inlet->server_ = std::move(*server);
  return std::unique_ptr<Inlet>(std::move(inlet));
}

HttpInlet::~HttpInlet() {
  if (server_) paused();
  server_.reset();
}

std::optional<HttpAnswer> HttpInlet::refusal(const HttpRequest& request) const {
  const auto type = posted_type(request.content_type);
  if (!type) return error_answer(415, type.error().text);
  if (!request.content_encoding.empty() && request.content_encoding != "identity") {
    return error_answer(415, "expected a body that is not compressed; leave Content-Encoding out");
  }
  if (request.key.size() > kLongestKey) {
    return error_answer(400, fmt::format("expected an Idempotency-Key of at most {} bytes, found "
                                         "{}; shorten it",
                                         kLongestKey, request.key.size()));
  }
  return std::nullopt;
}

std::optional<HttpAnswer> HttpInlet::before_body(const HttpRequest& request) {
  const bool get = request.method == "GET" || request.method == "HEAD";
  {
    const std::lock_guard lock(mutex_);
    if (request.path == "/health") {
      if (!get) return only("GET");
      return paused_
                 ? come_again()
                 : HttpAnswer{
                       .status = 200, .body = R"({"status":"ok"})", .retry_after = 0, .allow = {}};
    }
  }
  if (!settings_.token.empty() &&
      !same_secret(request.authorization, "Bearer " + settings_.token)) {
    return error_answer(401,
                        "expected the header Authorization: Bearer TOKEN with the right token");
  }
  if (request.path == kDocuments) {
    if (request.method != "POST") return only("POST");
    if (auto refused = refusal(request)) return refused;
    const std::lock_guard lock(mutex_);
    return paused_ ? std::optional(come_again()) : std::nullopt;
  }
  if (request.path.starts_with("/documents/")) {
    if (!get) return only("GET");
    return whereabouts(std::string_view(request.path).substr(kDocuments.size() + 1));
  }
  return error_answer(404, "expected /documents, /documents/ID or /health");
}

// "EPOCH-NUMBER": another producer, or another life of this one, has other ids.
std::string HttpInlet::id_of(std::uint64_t number) const {
  return fmt::format("{:016x}-{}", settings_.epoch, number);
}

HttpAnswer HttpInlet::whereabouts(std::string_view id) const {
  const std::size_t dash = id.rfind('-');
  const std::string_view digits = dash == id.npos ? std::string_view() : id.substr(dash + 1);
  std::uint64_t number = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), number);
  const std::uint64_t settled = settled_;
  if (number == 0 || id != id_of(number) || number > std::max<std::uint64_t>(last_, settled)) {
    return error_answer(404, "no document of this producer has that id");
  }
  const char* where = number <= settled ? "settled" : number <= read_ ? "in flight" : "queued";
  return {.status = 200,
          .body = fmt::format(R"({{"id":"{}","state":"{}"}})", id, where),
          .retry_after = 0,
          .allow = {}};
}

std::optional<HttpAnswer> HttpInlet::take(HttpExchange& exchange, const HttpRequest& request) {
  const std::lock_guard lock(mutex_);
  if (paused_) return come_again();
  came_.push_back({&exchange, &request});
  wakeup_.wake();
  return std::nullopt;
}

Result<void> HttpInlet::take_in(Spool& spool) {
  if (last_ == 0) last_ = spool.last();
  if (const Time now = clock_.now(); now >= next_look_) {
    next_look_ = now + kLook;
    server_->look_after(now);
  }
  wakeup_.clear();
  std::size_t bytes = 0;
  for (int i = 0; i < kMaxRequestsPerTurn && bytes < kMostOfACall; ++i) {
    Posted posted{};
    {
      const std::lock_guard lock(mutex_);
      paused_ = false;
      if (came_.empty()) return {};
      posted = came_.front();
      came_.pop_front();
    }
    bytes += posted.request->body.size();
    if (auto appended = append(spool, posted); !appended) return appended;
  }
  wakeup_.wake();  // there may be more
  return {};
}

Result<void> HttpInlet::append(Spool& spool, const Posted& posted) {
  const auto refuse = [&](unsigned status, std::string_view text, unsigned retry_after = 0) {
    server_->answer(*posted.exchange, error_answer(status, text, retry_after));
    return Result<void>();
  };
  const PostedType type = *posted_type(posted.request->content_type);
  const std::string& body = posted.request->body;
  std::vector<std::string_view> documents;
  if (type.lines) documents = posted_lines(body, kMostLines + 1);
  if (!type.lines && !body.empty()) documents = {body};
  if (documents.empty()) return refuse(400, "expected a document, found an empty body");
  if (documents.size() > kMostLines) {
    return refuse(
        413, fmt::format("expected at most {} lines, got more; send less at a time", kMostLines));
  }
  const auto numbers = append_all(spool, type, posted.request->key, documents);
  if (!numbers) {
    const Error& error = numbers.error();
    if (error.code == ErrorCode::kUnavailable) return refuse(429, error.text, 1);
    if (error.code == ErrorCode::kMalformed) return refuse(413, error.text);
    const std::lock_guard lock(mutex_);
    came_.push_front(posted);  // it is told so with all the others
    return error;
  }
  std::string ids;
  for (const std::uint64_t number : *numbers) {
    ids += fmt::format("{}\"{}\"", ids.empty() ? "" : ",", id_of(number));
  }
  HttpAnswer answer{.status = 202, .body = {}, .retry_after = 0, .allow = {}};
  answer.body =
      type.lines ? fmt::format(R"({{"ids":[{}]}})", ids) : fmt::format(R"({{"id":{}}})", ids);
  const std::uint64_t last = *std::max_element(numbers->begin(), numbers->end());
  kept_.push_back({posted.exchange, std::move(answer), last});
  return {};
}

// A request goes in whole or not at all. Without a key a part of it would be there twice when it is
// sent again. With a key the part could be settled and forgotten before that.
Result<std::vector<std::uint64_t>> HttpInlet::append_all(
    Spool& spool, const PostedType& type, const std::string& key,
    const std::vector<std::string_view>& documents) {
  // No header has a line break, so that no key of one request is another's with a number.
  const auto key_of = [&](std::size_t index) {
    return key.empty() || !type.lines ? key : fmt::format("{}\n{}", key, index + 1);
  };
  // To make room the spool may forget keys, and then more of the documents are new.
  for (std::size_t counted = 0;;) {
    std::size_t unknown = 0;
    std::uint64_t bytes = 0;
    for (std::size_t i = 0; i < documents.size(); ++i) {
      const std::string own = key_of(i);
      if (spool.knows(own)) continue;
      ++unknown;
      bytes += own.size() + documents[i].size() + kBesides;
    }
    if (unknown == counted) break;
    if (auto room = spool.room_for(unknown, bytes); !room) return room.error();
    counted = unknown;
  }
  std::vector<std::uint64_t> numbers;
  for (const std::string_view document : documents) {
    const Format format = type.lines ? format_of(FormatChoice::kAuto, document) : type.format;
    const auto appended =
        append_document(spool, key_of(numbers.size()), format, "http", {}, document);
    if (!appended) return appended.error();
    numbers.push_back(appended->number);
  }
  return numbers;
}

void HttpInlet::kept() {
  for (Waiting& waiting : kept_) {
    last_ = std::max<std::uint64_t>(last_, waiting.last);
    server_->answer(*waiting.exchange, std::move(waiting.answer));
  }
  kept_.clear();
}

void HttpInlet::paused() {
  std::deque<Posted> came;
  {
    const std::lock_guard lock(mutex_);
    paused_ = true;
    came.swap(came_);
  }
  for (const Posted& posted : came) server_->answer(*posted.exchange, come_again());
  for (const Waiting& waiting : kept_) server_->answer(*waiting.exchange, come_again());
  kept_.clear();
}

void HttpInlet::progress(std::uint64_t settled, std::uint64_t read) {
  settled_ = settled;
  read_ = read;
}

}  // namespace docmill
