#include "sink/http/http_delivery.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "shared/base/hash.h"
#include "shared/base/random.h"

namespace docmill {
namespace {

// Of the pause after a failure.
constexpr int kDoublings = 20;

enum class Meaning { kDelivered, kTryAgain, kSettings, kRefused };

Meaning meaning_of(int status) {
  if (status >= 200 && status < 300) return Meaning::kDelivered;
  if (status == 0 || status == 408 || status == 425 || status == 429 || status >= 500) {
    return Meaning::kTryAgain;
  }
  const bool settings = status < 400 || status == 401 || status == 403 || status == 404 ||
                        status == 405 || status == 407;
  return settings ? Meaning::kSettings : Meaning::kRefused;
}

const char* cure_of(int status) {
  if (status < 400) return "; redirects are not followed, put that address into 'url'";
  return status == 404 || status == 405 ? "; check 'url'" : "; check the credentials";
}

std::string text_of(const HttpClientResponse& answer) {
  if (answer.status == 0) return answer.text;
  const std::string to = answer.location.empty() ? "" : " to " + answer.location;
  return fmt::format("expected status 2xx, found {}{}{}{}", answer.status, to,
                     answer.text.empty() ? "" : ": ", answer.text);
}

}  // namespace

HttpDelivery::HttpDelivery(std::unique_ptr<HttpLink> server, const HttpDeliveryConfig& config,
                           std::string url, std::string place, const Clock& clock, Log& log)
    : server_(std::move(server)),
      config_(config),
      url_(std::move(url)),
      place_(std::move(place)),
      clock_(clock),
      log_(log),
      random_(random_number()) {
  if (config_.body == HttpBody::kEach) config_.documents = 1;
}

void HttpDelivery::add(std::uint64_t number, std::string id, std::string content_type,
                       std::string bytes) {
  const std::size_t size = bytes.size() + 1;
  if (!open_ || waiting_.empty() || waiting_.back().documents.size() >= config_.documents ||
      waiting_.back().bytes + size > config_.bytes) {
    waiting_.emplace_back();
    open_ = true;
  }
  Post& post = waiting_.back();
  post.bytes += size;
  post.documents.push_back({number, std::move(id), std::move(content_type), std::move(bytes)});
  ++documents_;
}

// A batch's key is made of the ids of its documents: the same documents have the same one.
HttpClientRequest HttpDelivery::request_of(const Post& post) const {
  const Document& first = post.documents.front();
  if (config_.body == HttpBody::kEach) return {first.id, first.content_type, first.bytes};
  const bool array = config_.body == HttpBody::kJsonArray;
  std::string ids;
  std::string body = array ? "[" : "";
  body.reserve(post.bytes + 2);
  for (const Document& document : post.documents) {
    ids += document.id + "\n";
    if (array && &document != &first) body += ',';
    body += document.bytes;
    if (!array) body += '\n';
  }
  if (array) body += ']';
  return {fmt::format("{}-{}-{:016x}", first.id, post.documents.size(), hash64(ids)),
          array ? "application/json" : "application/x-ndjson", std::move(body)};
}

void HttpDelivery::send() {
  if (clock_.now() < not_before_) return;
  // After a failure one request finds out whether the server is back.
  const std::size_t most = failures_ > 0 ? 1 : config_.connections;
  while (!waiting_.empty() && sent_.size() < most) {
    if (open_ && waiting_.size() == 1) return;
    Post post = std::move(waiting_.front());
    waiting_.pop_front();
    const std::uint64_t number = server_->start(request_of(post));
    sent_.emplace(number, std::move(post));
  }
}

std::vector<HttpDelivery::Done> HttpDelivery::turn(Duration wait) {
  std::vector<Done> done;
  send();
  const Time now = clock_.now();
  if (sent_.empty() && not_before_ > now) wait = std::min<Duration>(wait, not_before_ - now);
  for (HttpClientResponse& answer : server_->turn(wait)) take(std::move(answer), done);
  send();
  documents_ -= done.size();
  return done;
}

void HttpDelivery::take(HttpClientResponse answer, std::vector<Done>& done) {
  const auto found = sent_.find(answer.request);
  Post post = std::move(found->second);
  sent_.erase(found);
  const Meaning meaning = meaning_of(answer.status);
  if (meaning == Meaning::kTryAgain) return again(std::move(post), answer, "");
  if (meaning == Meaning::kSettings) return again(std::move(post), answer, cure_of(answer.status));
  ++answers_;
  if (failures_ > 0) {
    if (std::exchange(said_, false)) log_.info("{}: {}: answers again", place_, url_);
    failures_ = 0;
  }
  if (meaning == Meaning::kRefused && post.documents.size() > 1) return divide(std::move(post));
  for (const Document& document : post.documents) {
    done.push_back(
        {document.number, meaning == Meaning::kRefused ? text_of(answer) : std::string()});
  }
}

void HttpDelivery::again(Post post, const HttpClientResponse& answer, const char* cure) {
  if (waiting_.empty()) open_ = false;
  waiting_.push_front(std::move(post));
  const Time now = clock_.now();
  // Of several that were under way one counts.
  if (now < not_before_) return;
  const Duration wait = pause(answer);
  ++failures_;
  not_before_ = now + wait;
  // Each growing pause once a minute. The text of an answer is the server's choice; without an
  // answer it is one of a few of ours.
  const std::string failure = fmt::format("{} {} {}", std::min(failures_, kDoublings),
                                          answer.status, answer.status == 0 ? answer.text : "");
  const auto held_back = failures_said_.due(failure, now);
  if (!held_back) return;
  said_ = true;
  log_.warn("{}: {}: {}{}; retry in {}{}", place_, url_, text_of(answer), cure,
            to_string(std::chrono::ceil<std::chrono::milliseconds>(wait)),
            more_like_it(*held_back));
}

// The server's own word counts, but for an hour at most. Without one the pause doubles, and is
// between a half and all of that, so that many sinks do not come back at once.
Duration HttpDelivery::pause(const HttpClientResponse& answer) {
  if (answer.retry_after) {
    return std::min<Duration>(*answer.retry_after, std::chrono::hours(1));
  }
  const int doubled = std::min(failures_, kDoublings);
  const Duration most =
      std::min<Duration>(config_.first_retry * (std::int64_t{1} << doubled), config_.longest_retry);
  std::uniform_real_distribution<double> part(0.5, 1.0);
  return std::chrono::duration_cast<Duration>(most * part(random_));
}

void HttpDelivery::divide(Post post) {
  Post second;
  const std::size_t half = post.documents.size() / 2;
  for (std::size_t i = half; i < post.documents.size(); ++i) {
    second.bytes += post.documents[i].bytes.size() + 1;
    second.documents.push_back(std::move(post.documents[i]));
  }
  post.documents.resize(half);
  post.bytes -= second.bytes;
  if (waiting_.empty()) open_ = false;
  waiting_.push_front(std::move(second));
  waiting_.push_front(std::move(post));
}

}  // namespace docmill
