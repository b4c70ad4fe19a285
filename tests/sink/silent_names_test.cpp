// The output `http` with a name server that does not answer. libcurl and HttpClient are the real
// ones; this program's getaddrinfo() stands in for the name server and holds back one name.
#include <dlfcn.h>
#include <netdb.h>

#include <chrono>
#include <condition_variable>
#include <cstring>
#include <mutex>

#include "sink/http/http_client.h"
#include "tests/support/catch.h"

namespace {

constexpr const char* kSilent = "silent.test";

std::mutex mutex;
std::condition_variable changed;
int waiting = 0;
bool released = false;

}  // namespace

extern "C" int getaddrinfo(const char* node, const char* service, const addrinfo* hints,
                           addrinfo** found) {
  if (node == nullptr || std::strcmp(node, kSilent) != 0) {
    static const auto real =
        reinterpret_cast<decltype(&getaddrinfo)>(dlsym(RTLD_NEXT, "getaddrinfo"));
    return real(node, service, hints, found);
  }
  std::unique_lock lock(mutex);
  ++waiting;
  changed.notify_all();
  changed.wait_for(lock, std::chrono::seconds(20), [] { return released; });
  --waiting;
  changed.notify_all();
  return EAI_AGAIN;
}

namespace docmill {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

HttpClient client_of_silent_server() {
  auto client = HttpClient::open({.url = "http://silent.test/",
                                  .headers = {},
                                  .timeout = seconds(60),
                                  .connect_timeout = milliseconds(100)});
  REQUIRE(client);
  return std::move(*client);
}

void wait_for_lookup() {
  std::unique_lock lock(mutex);
  released = false;
  REQUIRE(changed.wait_for(lock, seconds(5), [] { return waiting > 0; }));
}

void answer_lookups() {
  std::unique_lock lock(mutex);
  released = true;
  changed.notify_all();
  changed.wait_for(lock, seconds(5), [] { return waiting == 0; });
}

double seconds_since(std::chrono::steady_clock::time_point began) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
}

TEST_CASE("a request whose name is not looked up in time ends without waiting for the lookup") {
  HttpClient client = client_of_silent_server();
  const auto began = std::chrono::steady_clock::now();
  client.start({.key = "1", .content_type = "application/json", .body = "{}"});
  client.turn(milliseconds(1));
  wait_for_lookup();
  std::vector<HttpClientResponse> responses;
  while (responses.empty() && seconds_since(began) < 15) responses = client.turn(milliseconds(50));
  const double took = seconds_since(began);
  answer_lookups();
  REQUIRE(responses.size() == 1);
  CHECK(responses[0].status == 0);
  CHECK(took < 5);
}

TEST_CASE("a client whose name is being looked up is closed at once") {
  double took = 0;
  {
    HttpClient client = client_of_silent_server();
    client.start({.key = "1", .content_type = "application/json", .body = "{}"});
    client.turn(milliseconds(1));
    wait_for_lookup();
    const auto began = std::chrono::steady_clock::now();
    { const HttpClient closed = std::move(client); }
    took = seconds_since(began);
  }
  answer_lookups();
  CHECK(took < 5);
}

}  // namespace
}  // namespace docmill
