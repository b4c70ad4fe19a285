#include "sink/http/http_client.h"

#include <curl/curl.h>
#include <fmt/format.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <map>

#include "shared/base/check.h"
#include "shared/base/log.h"
#include "shared/store/file_descriptor.h"

namespace docmill {
namespace {

// Of an answer and of an address that it redirects to: the server decides how long they are.
constexpr std::size_t kAnswerBytes = 200;

long milliseconds(Duration duration) {
  return std::chrono::ceil<std::chrono::milliseconds>(duration).count();
}

struct FreeList {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
struct FreeUrl {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};
struct FreeEasy {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};

struct Transfer {
  std::uint64_t number = 0;
  HttpClientRequest request;
  std::unique_ptr<curl_slist, FreeList> headers;
  std::unique_ptr<CURL, FreeEasy> easy;
  std::string answer;
  std::array<char, CURL_ERROR_SIZE> detail{};  // of a failure, from libcurl

  void header(const std::string& line) {
    curl_slist* longer = curl_slist_append(headers.get(), line.c_str());
    DOCMILL_CHECK(longer != nullptr, "{} bytes of a header", line.size());
    static_cast<void>(headers.release());
    headers.reset(longer);
  }
};

// Everything is taken off the line, the beginning is kept.
std::size_t take_answer(char* bytes, std::size_t size, std::size_t count, void* user) {
  std::string& answer = static_cast<Transfer*>(user)->answer;
  const std::size_t length = size * count;
  if (answer.size() < kAnswerBytes) {
    answer.append(bytes, std::min(length, kAnswerBytes - answer.size()));
  }
  return length;
}

std::string certificate_problem(CURL* easy, std::string_view detail) {
  // OpenSSL's: 9, not valid yet; 10, not any more. Of a wrong name it says nothing: 1.
  long verdict = 0;
  curl_easy_getinfo(easy, CURLINFO_SSL_VERIFYRESULT, &verdict);
  if (const std::size_t begin = detail.find(": "); begin != detail.npos) {
    detail.remove_prefix(begin + 2);  // "SSL certificate problem", "SSL"
  }
  return fmt::format(
      "expected a valid certificate of the server, found: {}; {}", escape_controls(detail),
      verdict <= 1                    ? "check the host in 'url'"
      : verdict == 9 || verdict == 10 ? "have it renewed, or set the clock"
                                      : "check 'ca', which must hold the authority that signed it");
}

std::string reason_of(CURL* easy, CURLcode code, std::string_view detail, Duration timeout) {
  if (code == CURLE_PEER_FAILED_VERIFICATION) return certificate_problem(easy, detail);
  if (code == CURLE_SSL_CONNECT_ERROR) {
    return fmt::format("expected TLS, found: {}; check 'url'", escape_controls(detail));
  }
  if (code == CURLE_OPERATION_TIMEDOUT) {
    return fmt::format("no answer within {}", to_string(timeout));
  }
  // What is asked for is always HTTP: it is the answer that is something else.
  if (code == CURLE_UNSUPPORTED_PROTOCOL || code == CURLE_WEIRD_SERVER_REPLY) {
    return "expected an answer of HTTP, found other bytes";
  }
  std::string text = curl_easy_strerror(code);
  if (!text.empty() && text.size() > 1 && text[1] >= 'a') {
    text[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(text[0])));
  }
  long system = 0;
  curl_easy_getinfo(easy, CURLINFO_OS_ERRNO, &system);
  if (system != 0 && code == CURLE_COULDNT_CONNECT) {
    text += ": " + error_text(static_cast<int>(system));
  }
  return text;
}

}  // namespace

struct HttpClient::State {
  HttpTarget target;
  CURLM* multi = nullptr;
  FileDescriptor epoll{-1};
  FileDescriptor timer{-1};
  std::uint64_t last = 0;
  std::map<CURL*, std::unique_ptr<Transfer>> transfers;

  State() { curl_global_init(CURL_GLOBAL_DEFAULT); }
  ~State() {
    for (auto& [easy, transfer] : transfers) curl_multi_remove_handle(multi, easy);
    transfers.clear();
    curl_multi_cleanup(multi);
    curl_global_cleanup();
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  static int watch(CURL*, curl_socket_t socket, int what, void* user, void* known);
  static int set_timer(CURLM*, long milliseconds, void* user);
  Result<void> open();
  void set_options(Transfer& transfer) const;
  void act(int socket, int what);
  std::vector<HttpClientResponse> finished();
};

int HttpClient::State::watch(CURL*, curl_socket_t socket, int what, void* user, void* known) {
  auto* state = static_cast<State*>(user);
  if (what == CURL_POLL_REMOVE) {
    epoll_ctl(state->epoll.number(), EPOLL_CTL_DEL, socket, nullptr);
    return 0;
  }
  epoll_event event{};
  if (what != CURL_POLL_OUT) event.events |= EPOLLIN;
  if (what != CURL_POLL_IN) event.events |= EPOLLOUT;
  event.data.fd = socket;
  epoll_ctl(state->epoll.number(), known == nullptr ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, socket,
            &event);
  curl_multi_assign(state->multi, socket, state);
  return 0;
}

int HttpClient::State::set_timer(CURLM*, long milliseconds, void* user) {
  itimerspec when{};
  if (milliseconds >= 0) {
    when.it_value.tv_sec = milliseconds / 1000;
    // Zero would be no timer.
    when.it_value.tv_nsec = std::max(milliseconds % 1000 * 1'000'000, 1L);
  }
  timerfd_settime(static_cast<State*>(user)->timer.number(), 0, &when, nullptr);
  return 0;
}

Result<void> HttpClient::State::open() {
  const std::unique_ptr<CURLU, FreeUrl> url(curl_url());
  const CURLUcode code = curl_url_set(url.get(), CURLUPART_URL, target.url.c_str(), 0);
  const bool of_http = target.url.starts_with("http://") || target.url.starts_with("https://");
  if (code != CURLUE_OK || !of_http) {
    return config_error(fmt::format("expected a URL of http or https, found '{}'", target.url));
  }
  epoll = FileDescriptor(epoll_create1(EPOLL_CLOEXEC));
  timer = FileDescriptor(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK));
  multi = curl_multi_init();
  if (!epoll.open() || !timer.open()) return unavailable("open an epoll: " + error_text(errno));
  DOCMILL_CHECK(multi != nullptr, "curl_multi_init() of {}", target.url);
  epoll_event event{.events = EPOLLIN, .data = {.fd = timer.number()}};
  epoll_ctl(epoll.number(), EPOLL_CTL_ADD, timer.number(), &event);
  curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, watch);
  curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, this);
  curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, set_timer);
  curl_multi_setopt(multi, CURLMOPT_TIMERDATA, this);
  return {};
}

void HttpClient::State::set_options(Transfer& transfer) const {
  CURL* const easy = transfer.easy.get();
  curl_easy_setopt(easy, CURLOPT_URL, target.url.c_str());
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_PROXY, "");
  curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  // Otherwise the end of a request waits for getaddrinfo(), whose thread ends on its own.
  curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, milliseconds(target.timeout));
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, milliseconds(target.connect_timeout));
  curl_easy_setopt(easy, CURLOPT_POST, 1L);
  curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
                   static_cast<curl_off_t>(transfer.request.body.size()));
  curl_easy_setopt(easy, CURLOPT_POSTFIELDS, transfer.request.body.c_str());
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, transfer.headers.get());
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_answer);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &transfer);
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer.detail.data());
  if (!target.authorities.empty()) {
    curl_easy_setopt(easy, CURLOPT_CAINFO, target.authorities.c_str());
    curl_easy_setopt(easy, CURLOPT_CAPATH, nullptr);
  }
}

void HttpClient::State::act(int socket, int what) {
  int running = 0;
  curl_multi_socket_action(multi, socket, what, &running);
}

std::vector<HttpClientResponse> HttpClient::State::finished() {
  std::vector<HttpClientResponse> answers;
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    CURL* const easy = message->easy_handle;
    const CURLcode code = message->data.result;
    Transfer& transfer = *transfers.at(easy);
    HttpClientResponse& answer = answers.emplace_back();
    answer.request = transfer.number;
    answer.sent = std::move(transfer.request);
    long status = 0;
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    if (code == CURLE_OK) {
      answer.status = static_cast<int>(status);
      answer.text = escape_controls(transfer.answer);
      curl_off_t seconds = 0;
      curl_easy_getinfo(easy, CURLINFO_RETRY_AFTER, &seconds);
      // What a server says may be more nanoseconds than there are.
      if (seconds > 0)
        answer.retry_after = std::chrono::seconds(std::min<curl_off_t>(seconds, 3600));
      const char* location = nullptr;
      curl_easy_getinfo(easy, CURLINFO_REDIRECT_URL, &location);
      if (location != nullptr) {
        answer.location = escape_controls(std::string_view(location).substr(0, kAnswerBytes));
      }
    } else {
      answer.text = reason_of(easy, code, transfer.detail.data(), target.timeout);
    }
    curl_multi_remove_handle(multi, easy);
    transfers.erase(easy);
  }
  return answers;
}

HttpClient::HttpClient(std::unique_ptr<State> state) : state_(std::move(state)) {}
HttpClient::~HttpClient() = default;
HttpClient::HttpClient(HttpClient&&) noexcept = default;
HttpClient& HttpClient::operator=(HttpClient&&) noexcept = default;

Result<HttpClient> HttpClient::open(const HttpTarget& target) {
  auto state = std::make_unique<State>();
  state->target = target;
  if (auto opened = state->open(); !opened) return opened.error();
  return HttpClient(std::move(state));
}

std::uint64_t HttpClient::start(HttpClientRequest request) {
  auto transfer = std::make_unique<Transfer>();
  transfer->number = ++state_->last;
  transfer->request = std::move(request);
  transfer->easy.reset(curl_easy_init());
  DOCMILL_CHECK(transfer->easy != nullptr, "request {}", transfer->number);
  for (const std::string& line : state_->target.headers) transfer->header(line);
  transfer->header("Content-Type: " + transfer->request.content_type);
  transfer->header("Idempotency-Key: " + transfer->request.key);
  // Or the body of a large batch would wait a second for a server that does not know it.
  transfer->header("Expect:");
  state_->set_options(*transfer);
  CURL* const easy = transfer->easy.get();
  const std::uint64_t number = transfer->number;
  state_->transfers.emplace(easy, std::move(transfer));
  curl_multi_add_handle(state_->multi, easy);
  return number;
}

std::size_t HttpClient::under_way() const { return state_->transfers.size(); }

std::vector<HttpClientResponse> HttpClient::turn(Duration wait) {
  std::array<epoll_event, 16> events{};
  const int count = epoll_wait(state_->epoll.number(), events.data(), events.size(),
                               static_cast<int>(milliseconds(wait)));
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = events[static_cast<std::size_t>(i)];
    if (event.data.fd == state_->timer.number()) {
      std::uint64_t times = 0;
      if (read(state_->timer.number(), &times, sizeof times) < 0) continue;
      state_->act(CURL_SOCKET_TIMEOUT, 0);
      continue;
    }
    int what = 0;
    if ((event.events & EPOLLIN) != 0) what |= CURL_CSELECT_IN;
    if ((event.events & EPOLLOUT) != 0) what |= CURL_CSELECT_OUT;
    if ((event.events & (EPOLLERR | EPOLLHUP)) != 0) what |= CURL_CSELECT_ERR;
    state_->act(event.data.fd, what);
  }
  return state_->finished();
}

int HttpClient::fd() const { return state_->epoll.number(); }

}  // namespace docmill
