#include "sink/outputs/http.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>
#include <utility>

#include "shared/base/hash.h"
#include "shared/config/largest.h"
#include "shared/config/schema.h"
#include "sink/document_names.h"
#include "sink/http/http_client.h"
#include "sink/http/http_document.h"

namespace docmill {

constexpr std::array<EnumName<HttpBody>, 3> enum_names(HttpBody) {
  return {{{"ndjson", HttpBody::kNdjson},
           {"json_array", HttpBody::kJsonArray},
           {"each", HttpBody::kEach}}};
}

namespace {

enum class OnFull { kWait, kSpill };
constexpr std::array<EnumName<OnFull>, 2> enum_names(OnFull) {
  return {{{"wait", OnFull::kWait}, {"spill", OnFull::kSpill}}};
}

struct PostBatch {
  std::size_t documents = 100;
  Bytes bytes{1 << 20};
};

struct RetryConfig {
  Duration first = std::chrono::milliseconds(200);
  Duration longest = std::chrono::seconds(30);
};

struct HttpConfig {
  std::string url;
  HttpBody body = HttpBody::kNdjson;
  PostBatch batch;
  std::map<std::string, std::string> headers;
  std::optional<std::string> bearer;
  std::optional<std::filesystem::path> ca;
  std::size_t connections = 1;
  Duration timeout = std::chrono::seconds(30);
  Duration connect_timeout = std::chrono::seconds(10);
  RetryConfig retry;
  OnFull on_full = OnFull::kWait;
  Bytes spill{1 << 30};
};

// The pipeline waits for the server's answers.
class WaitingHttpOutput final : public Output {
 public:
  WaitingHttpOutput(bool each, HttpDelivery delivery)
      : each_(each), delivery_(std::move(delivery)) {}

  void add(const DocumentId& id, const DocumentView& document) override {
    delivery_.add(group_++, idempotency_key(id), content_type_of(document.format),
                  each_ ? std::string(document.bytes) : std::string(line_.write(document)));
  }
  Result<void> sync() override {
    delivery_.close();
    turn();
    return delivery_.documents() == 0 ? Result<void>() : unavailable("");
  }
  void marks(std::vector<FileMark>&) const override {}
  Rejects rejects() const override { return Rejects::kAfterSync; }
  std::vector<Rejected> take_rejected() override { return std::exchange(rejected_, {}); }
  Result<void> settle() override {
    group_ = 0;
    return {};
  }
  Result<void> serve() override {
    turn();
    return {};
  }
  int fd() const override { return delivery_.fd(); }

 private:
  void turn() {
    for (HttpDelivery::Done& done : delivery_.turn(Duration::zero())) {
      if (!done.rejected.empty()) rejected_.push_back({done.number, std::move(done.rejected)});
    }
  }

  bool each_;
  HttpDelivery delivery_;
  JsonLine line_{false};
  std::size_t group_ = 0;
  std::vector<Rejected> rejected_;
};

// The documents wait on disk.
class SpillingHttpOutput final : public Output, public Spilling {
 public:
  explicit SpillingHttpOutput(std::unique_ptr<HttpSpool> spool) : spool_(std::move(spool)) {}

  void add(const DocumentId& id, const DocumentView& document) override {
    spool_->add(id, document);
  }
  bool full(std::size_t) const override { return spool_->full(); }
  Result<void> sync() override { return spool_->sync(); }
  void marks(std::vector<FileMark>&) const override {}
  // It rejects nothing before the commit, but waits while the spool is full; that must not happen
  // in a transaction.
  Rejects rejects() const override { return Rejects::kAfterSync; }
  bool needs_commit() const override { return spool_->needs_commit(); }
  void write_mark(Transaction& transaction, Group group) override {
    spool_->write_mark(transaction, group);
  }
  void committed() override { spool_->committed(); }
  Result<void> settle() override { return spool_->settle(); }
  Result<void> serve() override { return spool_->serve(); }
  bool waits() const override { return spool_->gets_on(); }
  Spill spill() const override { return spool_->spill(); }
  int fd() const override { return spool_->fd(); }

 private:
  std::unique_ptr<HttpSpool> spool_;
};

bool is_header(const std::string& text) {
  return std::none_of(text.begin(), text.end(),
                      [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

std::optional<std::string> problem(const HttpConfig& config) {
  auto client = HttpClient::open({config.url, {}, config.timeout, config.connect_timeout});
  if (!client) return "url: " + client.error().text;
  for (const auto& [name, value] : config.headers) {
    const bool fits = !name.empty() && name.find_first_of(": ") == std::string::npos;
    if (!fits || !is_header(name) || !is_header(value)) {
      return "headers: expected a name without ':' or space and a value of one line";
    }
  }
  if (config.bearer && (config.bearer->empty() || !is_header(*config.bearer))) {
    return "bearer: expected a token of one line";
  }
  if (config.ca && !config.url.starts_with("https://")) {
    return "ca: expected a url of https beside it; take it out";
  }
  if (config.retry.first > config.retry.longest) {
    return "retry.first: expected at most retry.longest";
  }
  return std::nullopt;
}

// libcurl would only notice with each request.
Result<void> check_authorities(const HttpConfig& config, const std::string& place) {
  if (!config.ca) return {};
  std::ifstream file(*config.ca);
  const std::string text(std::istreambuf_iterator<char>(file), {});
  if (text.find("-----BEGIN CERTIFICATE-----") != std::string::npos) return {};
  return config_error(
      fmt::format("{}.ca: {}: expected certificates in PEM, found {}; put those of the authorities "
                  "there that the server's is signed by",
                  place, config.ca->string(), file ? "none" : "no file that can be read"));
}

Result<std::unique_ptr<Output>> open(const std::any& settings, const OutputContext& context) {
  const auto& config = std::any_cast<const HttpConfig&>(settings);
  if (auto known = check_authorities(config, context.place); !known) return known.error();
  HttpTarget target{
      config.url, {}, config.timeout, config.connect_timeout, config.ca.value_or("").string()};
  for (const auto& [name, value] : config.headers) target.headers.push_back(name + ": " + value);
  if (config.bearer) target.headers.push_back("Authorization: Bearer " + *config.bearer);
  auto client = HttpClient::open(target);
  if (!client) return client.error();
  const HttpDeliveryConfig delivery_config{.body = config.body,
                                           .documents = config.batch.documents,
                                           .bytes = config.batch.bytes.count,
                                           .connections = config.connections,
                                           .first_retry = config.retry.first,
                                           .longest_retry = config.retry.longest};
  HttpDelivery delivery(std::make_unique<HttpClient>(std::move(*client)), delivery_config,
                        config.url, context.place, *context.clock, context.log);
  const bool each = config.body == HttpBody::kEach;
  if (config.on_full == OnFull::kWait) {
    return waiting_http_output(std::move(delivery), each);
  }
  // What waits belongs to the server that it waits for.
  const auto folder = context.folder / fmt::format("http-{:016x}", hash64(config.url));
  auto spool =
      HttpSpool::open({folder, config.url, config.spill, each}, std::move(delivery), context);
  if (!spool) return spool.error();
  return spilling_http_output(std::move(*spool));
}

Schema<PostBatch> batch_schema() {
  return Schema<PostBatch>("", "Most of one request.")
      .field("documents", &PostBatch::documents, "Documents.", at_least(1), at_most(100'000))
      .field("bytes", &PostBatch::bytes, "Bytes of them; a larger document goes alone.",
             at_least(Bytes{1 << 10}), at_most(Bytes{1 << 30}));
}

Schema<RetryConfig> retry_schema() {
  return Schema<RetryConfig>("", "Pauses before a request is sent again.")
      .field("first", &RetryConfig::first,
             "The first pause, at most; it is doubled each time, and half of it is random.",
             at_least(Duration(std::chrono::milliseconds(1))),
             at_most(Duration(std::chrono::hours(1))))
      .field("longest", &RetryConfig::longest, "What it is doubled up to.",
             at_most(Duration(std::chrono::hours(1))));
}

}  // namespace

std::unique_ptr<Output> waiting_http_output(HttpDelivery delivery, bool each) {
  return std::make_unique<WaitingHttpOutput>(each, std::move(delivery));
}

std::unique_ptr<Output> spilling_http_output(std::unique_ptr<HttpSpool> spool) {
  return std::make_unique<SpillingHttpOutput>(std::move(spool));
}

OutputComponent http_output() {
  return {
      Schema<HttpConfig>(
          "http",
          "Posts documents to a server, at least once: each request has an Idempotency-Key that is "
          "the same when its documents are sent again. A document that the server refuses becomes "
          "a dead letter; while it does not answer the pipeline waits, or the documents do, on "
          "disk. Redirects are not followed.")
          .field("url", &HttpConfig::url, "Where to.", required,
                 example("https://example.org/documents"))
          .field("body", &HttpConfig::body,
                 "What a request holds; ndjson: a line of JSON for each document; json_array: an "
                 "array of them; each: one document as it is.")
          .nested("batch", &HttpConfig::batch, batch_schema())
          .field("headers", &HttpConfig::headers, "Of each request, beside our own.",
                 example("{ X-From: docmill }"))
          .field("bearer", &HttpConfig::bearer,
                 "Sent as Authorization: Bearer. Best kept elsewhere, as ${file:PATH}.",
                 example("token"))
          .field("ca", &HttpConfig::ca,
                 "File of the authorities that https trusts, in PEM; without it those of the "
                 "system.",
                 example("keys/ca.pem"))
          .field("connections", &HttpConfig::connections,
                 "Requests at a time; with one the documents arrive in their order.", at_least(1),
                 at_most(64))
          .field("timeout", &HttpConfig::timeout,
                 "Of a request, to the end of its answer; then it is sent again.",
                 at_least(Duration(std::chrono::milliseconds(1))),
                 at_most(Duration(std::chrono::hours(1))))
          .field("connect_timeout", &HttpConfig::connect_timeout, "Until a connection is there.",
                 at_least(Duration(std::chrono::milliseconds(1))),
                 at_most(Duration(std::chrono::hours(1))))
          .nested("retry", &HttpConfig::retry, retry_schema())
          .field("on_full", &HttpConfig::on_full,
                 "What happens while the server does not take documents. wait: the pipeline waits. "
                 "spill: they wait on disk, in the sink's state; their producer counts them as "
                 "delivered, the sink counts what became of them.")
          .field("spill", &HttpConfig::spill,
                 "With on_full: spill, how many bytes wait on disk before the pipeline waits, too.",
                 at_least(Bytes{1 << 20}), at_most(kLargestSpill))
          .consistent(problem),
      open,
      {},
      [](const std::any& settings) {
        const auto& config = std::any_cast<const HttpConfig&>(settings);
        return config.on_full == OnFull::kSpill ? config.url : std::string();
      }};
}

}  // namespace docmill
