// HttpClient: POSTs to one URL, several at a time, without waiting for any of them.
//
// libcurl ends here. Redirects are not followed, no proxy of the environment is asked; addresses
// are looked up beside the thread that calls. One thread; a resource.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "shared/base/result.h"
#include "shared/base/units.h"

namespace docmill {

struct HttpTarget {
  std::string url;
  std::vector<std::string> headers;  // "Name: value", of every request
  Duration timeout{};                // of a request, from its beginning to the end of its answer
  Duration connect_timeout{};
  std::string authorities = {};  // file of those that https trusts; empty: the system's
};

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

class HttpClient {
 public:
  // Failure: kConfig: not a URL of http or https.
  static Result<HttpClient> open(const HttpTarget& target);
  ~HttpClient();
  HttpClient(HttpClient&&) noexcept;
  HttpClient& operator=(HttpClient&&) noexcept;

  // Begins a request; what is under way when the client ends is cut off.
  std::uint64_t start(HttpClientRequest request);
  std::size_t under_way() const;
  // Lets the requests go on, and waits at most that long for the first thing to happen; gives the
  // answers that are there.
  std::vector<HttpClientResponse> turn(Duration wait);
  // Readable when turn() has something to do.
  int fd() const;

 private:
  struct State;
  explicit HttpClient(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace docmill
