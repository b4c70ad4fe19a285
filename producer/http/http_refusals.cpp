#include "producer/http/http_refusals.h"

#include <fmt/format.h>

namespace docmill {

HttpAnswer too_large(Bytes most) {
  return {
      .status = 413,
      .body = fmt::format(R"({{"error":"expected a body of at most {}; send less at a time, or )"
                          R"(raise limits.document"}})",
                          to_string(most)),
      .retry_after = 0,
      .allow = {}};
}

HttpAnswer crowded() {
  return {.status = 503,
          .body = R"({"error":"too much is being sent at this moment; send again later"})",
          .retry_after = 1,
          .allow = {}};
}

HttpAnswer two_lengths() {
  return {.status = 400,
          .body = R"({"error":"expected one length of the body, found two; send one )"
                  R"(Content-Length, or Transfer-Encoding: chunked alone"})",
          .retry_after = 0,
          .allow = {}};
}

}  // namespace docmill
