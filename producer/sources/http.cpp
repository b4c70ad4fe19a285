// `http`: documents that clients POST; each is in the spool on disk before it is answered.
#include <fmt/format.h>

#include "producer/http/http_inlet.h"
#include "producer/sources/sources.h"
#include "producer/spooled/spooled_source.h"
#include "shared/config/address.h"
#include "shared/config/findings.h"
#include "shared/config/schema.h"

namespace docmill {
namespace {

using namespace literals;

struct HttpConfig {
  std::string bind = "127.0.0.1:8080";
  std::optional<std::string> token;
  Bytes spool = 1_GiB;
  std::uint32_t connections = 1000;
  Bytes memory = 256_MiB;
  Duration timeout = std::chrono::minutes(1);
};

std::optional<std::string> bind_problem(const std::string& text) {
  const auto address = parse_address("tcp://" + text);
  if (address) return std::nullopt;
  return "must be HOST:PORT, such as 127.0.0.1:8080, with a port below 32768, got " + quote(text);
}

std::optional<std::string> token_problem(const std::string& text) {
  if (text.size() >= 16 && text.find_first_of(" \r\n\t") == text.npos) return std::nullopt;
  return "must be at least 16 characters without a space; make one with: openssl rand -hex 16";
}

Schema<HttpConfig> schema() {
  return Schema<HttpConfig>(
             "http",
             "Take documents that clients POST to /documents: one, of the content type "
             "application/xml, text/xml, application/json or text/plain, or a line each as "
             "application/x-ndjson. The answer, 202 with an id, comes when they are on disk; a "
             "request that is repeated with the same Idempotency-Key is kept once. GET "
             "/documents/ID tells queued, in flight or settled; GET /health whether it takes any. "
             "Whether a document is well-formed is not looked at here: what is not becomes a dead "
             "letter. A body is at most limits.document.")
      .field("bind", &HttpConfig::bind, "Address to listen at: HOST:PORT.", check(bind_problem))
      .field("token", &HttpConfig::token,
             "What clients must send as Authorization: Bearer TOKEN; without it everybody may "
             "send.",
             example("${file:keys/http.token}"), check(token_problem))
      .field("spool", &HttpConfig::spool,
             "Most that waits on disk to be settled; what is more is answered with 429.",
             at_least(1_MiB))
      .field("connections", &HttpConfig::connections, "Most clients at a time; the next ones wait.",
             at_least(1), at_most(10'000))
      .field("memory", &HttpConfig::memory,
             "Most bytes of bodies that are held at a time; what is more is answered with 503.",
             at_least(1_MiB))
      .field("timeout", &HttpConfig::timeout, "Time in which a request must have come whole.",
             at_least(std::chrono::seconds(1)));
}

Result<std::unique_ptr<Source>> open(const std::any& settings, const SourceContext& context) {
  const auto& config = std::any_cast<const HttpConfig&>(settings);
  if (config.memory < context.limits.document) {
    return config_error(fmt::format(
        "producer.source.http.memory: expected at least limits.document, which is {}, found {}; "
        "raise it, or lower that",
        to_string(context.limits.document), to_string(config.memory)));
  }
  auto inlet = HttpInlet::open({.bind = config.bind,
                                .token = config.token.value_or(""),
                                .limits = {.body = context.limits.document,
                                           .memory = config.memory,
                                           .connections = config.connections,
                                           .patience = config.timeout},
                                .epoch = context.epoch},
                               context.clock);
  if (!inlet) return inlet.error();
  return SpooledSource::open(std::move(*inlet), config.spool, context);
}

}  // namespace

SourceComponent http_source() { return {schema(), open, spooled_kind}; }

}  // namespace docmill
