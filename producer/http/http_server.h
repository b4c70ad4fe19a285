// HttpServer: HTTP/1.1 at one address, by libmicrohttpd, on one thread of its own. A request whose
// answer takes time waits without a thread.
//
// What a client can hold is limited: connections, bytes of headers and bodies, the time until a
// request is whole. A client that breaks the rules of HTTP is told so, or dropped, and nobody else
// notices. A resource. It needs the handler until its end: answers that were given are sent first,
// for a second at most; whoever still waits for one gets none.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "producer/http/http_exchange.h"
#include "shared/base/clock.h"
#include "shared/base/result.h"
#include "shared/base/units.h"
#include "shared/store/file_descriptor.h"

namespace docmill {

struct HttpLimits {
  Bytes body;    // of one request
  Bytes memory;  // of all bodies that are held at one time
  unsigned connections = 0;
  Duration patience{};  // until a request is whole; and how long an idle connection is kept
};

class HttpServer {
 public:
  // bind: HOST:PORT. Unavailable: another process has it. Config: it is none of this machine.
  static Result<std::unique_ptr<HttpServer>> open(const std::string& bind, const HttpLimits& limits,
                                                  HttpHandler& handler);
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  // Once for each exchange that the handler took; it is gone after that. Any thread.
  void answer(HttpExchange& exchange, HttpAnswer answer);
  // Ends the connections whose request takes too long, and while others wait to be accepted, has
  // each connection end after its next answer. Call it now and then. Any one thread.
  void look_after(Time now);

  struct Parts;  // of this class alone

 private:
  explicit HttpServer(std::unique_ptr<Parts> parts);

  std::unique_ptr<Parts> parts_;
};

// A socket that listens at "HOST:PORT". See HttpServer::open.
Result<FileDescriptor> listen_at(const std::string& bind);

}  // namespace docmill
