#include "shared/transport/endpoint.h"

#include <fmt/format.h>

#include <vector>

#include "tests/support/catch.h"

namespace docmill {
namespace {

TEST_CASE(
    "an endpoint is tcp with host and port or ipc with a path, and is written as it was read") {
  struct Case {
    std::string text;
    Endpoint endpoint;
  };
  const std::string longest(107, 'p');
  const std::vector<Case> cases = {
      {.text = "tcp://127.0.0.1:5550", .endpoint = {.host = "127.0.0.1", .port = 5550, .path = {}}},
      {.text = "tcp://*:1", .endpoint = {.host = "*", .port = 1, .path = {}}},
      {.text = "tcp://node-1.example:65535",
       .endpoint = {.host = "node-1.example", .port = 65535, .path = {}}},
      {.text = "tcp://[::1]:5550", .endpoint = {.host = "[::1]", .port = 5550, .path = {}}},
      {.text = "tcp://[fe80::1%eth0]:5550",
       .endpoint = {.host = "[fe80::1%eth0]", .port = 5550, .path = {}}},
      {.text = "ipc://state/p1.socket",
       .endpoint = {.kind = Endpoint::Kind::kIpc, .host = {}, .path = "state/p1.socket"}},
      {.text = "ipc://" + longest,
       .endpoint = {.kind = Endpoint::Kind::kIpc, .host = {}, .path = longest}},
  };
  for (const Case& c : cases) {
    INFO(c.text);
    const auto endpoint = parse_endpoint(c.text);
    REQUIRE(endpoint);
    CHECK(*endpoint == c.endpoint);
    CHECK(to_string(*endpoint) == c.text);
  }
}

TEST_CASE("what is no endpoint is refused with what was expected and found") {
  struct Case {
    std::string text;
    std::string error;
  };
  const std::string scheme = "expected tcp://HOST:PORT or ipc://PATH, found neither";
  const std::string host = "expected tcp://HOST:PORT, an IPv6 address in [..], found ";
  const std::string path = "expected the path of a socket file, found ";
  const std::string own = "; name a file in a folder of your own";
  const std::vector<Case> cases = {
      {.text = "", .error = scheme},
      {.text = "localhost:5550", .error = scheme},
      {.text = "inproc://a", .error = scheme},
      {.text = "TCP://a:1", .error = scheme},
      {.text = "ws://a:1", .error = scheme},
      {.text = "tcp://", .error = host + "''"},
      {.text = "tcp://a", .error = host + "'a'"},
      {.text = "tcp://:5550", .error = host + "':5550'"},
      {.text = "tcp://::1:5550", .error = host + "'::1:5550'"},
      {.text = "tcp://a:1;b:2", .error = host + "'a:1;b:2'"},
      {.text = "tcp://a b:2", .error = host + "'a b:2'"},
      {.text = "tcp://a:", .error = "expected a port from 1 to 65535, found ''"},
      {.text = "tcp://a:0", .error = "expected a port from 1 to 65535, found '0'"},
      {.text = "tcp://a:*", .error = "expected a port from 1 to 65535, found '*'"},
      {.text = "tcp://a:65536", .error = "expected a port from 1 to 65535, found '65536'"},
      {.text = "tcp://a:80x", .error = "expected a port from 1 to 65535, found '80x'"},
      {.text = "ipc://", .error = path + "''" + own},
      {.text = "ipc://*", .error = path + "'*'" + own},
      {.text = "ipc://@name", .error = path + "'@name'" + own},
      {.text = "ipc://folder/", .error = path + "'folder/'" + own},
      {.text = "ipc://" + std::string(108, 'p'),
       .error = "expected a path of at most 107 bytes, found 108; use a shorter folder"},
  };
  for (const Case& c : cases) {
    const auto endpoint = parse_endpoint(c.text);
    REQUIRE_FALSE(endpoint);
    CHECK(endpoint.error().text == c.text + ": " + c.error);
    CHECK(endpoint.error().code == ErrorCode::kConfig);
  }
}

}  // namespace
}  // namespace docmill
