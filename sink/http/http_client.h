// HttpClient: POSTs to one URL, several at a time, without waiting for any of them.
//
// libcurl ends here. Redirects are not followed, no proxy of the environment is asked; addresses
// are looked up beside the thread that calls. One thread; a resource.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "shared/base/result.h"
#include "shared/base/units.h"
#include "sink/http/http_link.h"

namespace docmill {

struct HttpTarget {
  std::string url;
  std::vector<std::string> headers;  // "Name: value", of every request
  Duration timeout{};                // of a request, from its beginning to the end of its answer
  Duration connect_timeout{};
  std::string authorities = {};  // file of those that https trusts; empty: the system's
};

class HttpClient final : public HttpLink {
 public:
  // Failure: kConfig: not a URL of http or https.
  static Result<HttpClient> open(const HttpTarget& target);
  ~HttpClient() override;
  HttpClient(HttpClient&&) noexcept;
  HttpClient& operator=(HttpClient&&) noexcept;

  // Requests that have no answer when the client is destroyed are cut off.
  std::uint64_t start(HttpClientRequest request) override;
  std::size_t under_way() const;
  std::vector<HttpClientResponse> turn(Duration wait) override;
  int fd() const override;

 private:
  struct State;
  explicit HttpClient(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace docmill
