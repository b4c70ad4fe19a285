// HttpLink: POSTs to one server, several at a time. libcurl in a daemon, a simulated server in
// tests.
//
// One thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "shared/base/units.h"

namespace docmill {

struct HttpClientRequest {
  std::string key;  // Idempotency-Key
  std::string content_type;
  std::string body;
};

struct HttpClientResponse {
  std::uint64_t request = 0;  // the number that start() gave
  HttpClientRequest sent;
  int status = 0;    // 0: there was no answer
  std::string text;  // the first 200 bytes of the answer, control characters escaped; without one,
                     // why
  std::string location;  // of a redirect
  std::optional<Duration> retry_after;
};

class HttpLink {
 public:
  virtual ~HttpLink() = default;
  // Begins a request and returns its number.
  virtual std::uint64_t start(HttpClientRequest request) = 0;
  // Advances all requests and returns the answers that have arrived. Waits at most that long for
  // the first event.
  virtual std::vector<HttpClientResponse> turn(Duration wait) = 0;
  // Readable when turn() has something to do.
  virtual int fd() const = 0;
};

}  // namespace docmill
