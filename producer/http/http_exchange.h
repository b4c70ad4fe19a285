// HttpRequest, HttpAnswer: what a client asks and what it is told. HttpHandler: who knows the
// answer.
//
// Values, and an interface that the server calls.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace docmill {

struct HttpRequest {
  std::string method;
  std::string path;  // without the query
  std::string content_type;
  std::string content_encoding;
  std::string authorization;
  std::string key;  // Idempotency-Key
  std::string body;
};

struct HttpAnswer {
  unsigned status = 200;
  std::string body;          // JSON
  unsigned retry_after = 0;  // seconds; 0: none
  std::string allow;         // of a 405
};

// A request under way; known by its address until it is answered.
class HttpExchange;

class HttpHandler {
 public:
  virtual ~HttpHandler() = default;
  // Once the headers are there: an answer that needs no body, which most refusals are. The server's
  // thread.
  virtual std::optional<HttpAnswer> before_body(const HttpRequest& request) = 0;
  // The request is complete. Returns the answer, or nothing when HttpServer::answer() will be
  // called for the exchange, from any thread; the request stays where it is until then. Called by
  // the server's thread, also before HttpServer::open() has returned and while the server is being
  // destroyed: an implementation must not use the server.
  virtual std::optional<HttpAnswer> take(HttpExchange& exchange, const HttpRequest& request) = 0;
};

}  // namespace docmill
