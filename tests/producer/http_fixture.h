// What the tests of the http source share: one at a free port, and clients that wait for an answer
// while the producer's loop goes on.
#pragma once

#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <memory>
#include <string>

#include "tests/producer/http_client.h"
#include "tests/producer/source_fixture.h"

namespace docmill::test {

struct HttpFixture : SourceFixture {
  std::unique_ptr<Source> open_http(const std::string& more = "", const std::string& at = "") {
    for (int tries = 0; tries < 1000; ++tries) {
      port = static_cast<std::uint16_t>(20'000 + (getpid() * 31 + tries * 7) % 12'000);
      auto source = open(http_source(), settings(more), at);
      if (source) return std::move(*source);
      INFO(source.error().text);
      REQUIRE(source.error().code == ErrorCode::kUnavailable);
    }
    FAIL("no free port");
    return nullptr;
  }
  std::string settings(const std::string& more) const {
    return fmt::format("bind: '127.0.0.1:{}'\n{}", port, more);
  }
  // The answer, while the producer's loop goes on.
  std::string wait_for(Client& client, Source& source) const {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (std::chrono::steady_clock::now() < end) {
      REQUIRE(source.serve().ok());
      const bool goes_on = client.receive();
      if (std::string answer = client.answer(); !answer.empty()) return answer;
      if (!goes_on) return "closed";
    }
    return "nothing in a minute";
  }
  std::string ask(Source& source, const std::string& request) const {
    Client client(port);
    client.send(request);
    return wait_for(client, source);
  }
  std::string ask_ready(Source& source, const std::string& request) const {
    REQUIRE(source.serve().ok());  // before the first turn nothing is taken
    return ask(source, request);
  }
  std::uint16_t port = 0;
};

}  // namespace docmill::test
