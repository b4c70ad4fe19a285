#include <fmt/format.h>

#include <chrono>

#include "producer/http/http_documents.h"
#include "tests/producer/http_fixture.h"
#include "tests/store/limited_file_size.h"

namespace docmill::test {
namespace {

TEST_CASE_METHOD(HttpFixture, "what is posted has an id, and comes out as what its type says") {
  auto source = open_http();
  CHECK(ask_ready(*source, post("application/json", "{}")) ==
        R"(202 {"id":"0000000000000007-4294967296"})");
  CHECK(ask(*source, post("text/xml; charset=utf-8", "<a/>")) ==
        R"(202 {"id":"0000000000000007-4294967297"})");
  CHECK(ask(*source, post("application/x-ndjson", "{\"n\":1}\r\n\n<b/>\n")) ==
        R"(202 {"ids":["0000000000000007-4294967298","0000000000000007-4294967299"]})");
  const std::vector<Seen> all = read_all(*source);
  REQUIRE(outline(all) == R"(^ {} <a/> {"n":1} <b/> ~)");
  CHECK(all[1].format == Format::kJson);
  CHECK(all[2].format == Format::kXml);
  CHECK(all[4].format == Format::kXml);
  CHECK(all[2].record == 4294967297);
}

TEST_CASE_METHOD(HttpFixture, "a request that comes again with its key is the same documents") {
  auto source = open_http();
  const std::string one = post("application/json", "{}", "Idempotency-Key: k\r\n");
  const std::string lines = post("application/x-ndjson", "1\n2\n", "Idempotency-Key: k\r\n");
  const std::string first = ask_ready(*source, one);
  const std::string second = ask(*source, lines);
  CHECK(ask(*source, one) == first);
  CHECK(ask(*source, lines) == second);
  CHECK(first != second);
  source.reset();
  source = open_http();
  CHECK(ask_ready(*source, one) == first);
  CHECK(ask(*source, lines) == second);
  CHECK(outline(read_all(*source)) == "{} 1 2 ^ ~");
}

TEST_CASE_METHOD(HttpFixture, "a document is queued, in flight and settled, and nobody else's") {
  auto source = open_http();
  const std::string id = ask_ready(*source, post("text/plain", "a")).substr(11, 27);
  const auto where = [&](const std::string& of) { return ask(*source, get("/documents/" + of)); };
  CHECK(where(id) == R"(200 {"id":")" + id + R"(","state":"queued"})");
  read_all(*source);
  CHECK(where(id) == R"(200 {"id":")" + id + R"(","state":"in flight"})");
  REQUIRE(source->settled(source->position()).ok());
  CHECK(where(id) == R"(200 {"id":")" + id + R"(","state":"settled"})");
  const std::string unknown = R"(404 {"error":"no document of this producer has that id"})";
  for (const std::string other :
       {"0000000000000008-4294967296", "0000000000000007-4294967297", "0000000000000007-0",
        "0000000000000007-04294967296", "4294967296", "", "-", "%00"}) {
    INFO(other);
    CHECK(where(other) == unknown);
  }
}

TEST_CASE_METHOD(HttpFixture, "a token is asked for before anything is taken or told") {
  auto source = open_http("token: 0123456789abcdef");
  const std::string refused =
      R"(401 {"error":"expected the header Authorization: Bearer TOKEN with the right token"})";
  CHECK(ask_ready(*source, post("text/plain", "a")) == refused);
  CHECK(ask(*source, post("text/plain", "a", "Authorization: Bearer 0123456789abcdeX\r\n")) ==
        refused);
  CHECK(ask(*source, get("/documents/1")) == refused);
  CHECK(ask_ready(*source, get("/health")) == R"(200 {"status":"ok"})");
  CHECK(ask(*source, post("text/plain", "a", "Authorization: Bearer 0123456789abcdef\r\n"))
            .starts_with("202 "));
  CHECK(outline(read_all(*source)) == "^ a ~");
}

TEST_CASE_METHOD(HttpFixture,
                 "a full spool is answered with 429, and takes more when it has room") {
  limits.document = {400'000};
  auto source = open_http("spool: 1MiB\nmemory: 1MiB");
  const std::string request = post("text/plain", std::string(300'000, 'x'));
  CHECK(ask_ready(*source, request).starts_with("202 "));
  CHECK(ask(*source, request).starts_with("202 "));
  CHECK(ask(*source, request).starts_with("202 "));
  const std::string full = ask(*source, request);
  CHECK(full.starts_with("429 later "));
  CHECK_THAT(full, Catch::Contains("full: 900156 of 1048576 bytes wait to be settled, "));
  // All of it or nothing, where it has no key.
  const std::string line(100'000, 'x');
  CHECK(ask(*source, post("application/x-ndjson", line + "\n" + line + "\n"))
            .starts_with("429 later "));
  read_all(*source);
  REQUIRE(source->settled(source->position()).ok());
  CHECK(ask(*source, request).starts_with("202 "));
}

TEST_CASE_METHOD(HttpFixture,
                 "a request with a key that a full spool refuses is there once later") {
  limits.document = {400'000};
  auto source = open_http("spool: 1MiB\nmemory: 1MiB");
  const std::string text(300'000, 'x');
  const std::string other = post("text/plain", text, "Idempotency-Key: other\r\n");
  const std::string first = ask_ready(*source, other);
  CHECK(first.starts_with("202 "));
  CHECK(ask(*source, post("text/plain", text)).starts_with("202 "));
  CHECK(ask(*source, post("text/plain", text)).starts_with("202 "));
  const std::string line(100'000, 'y');
  const std::string lines =
      post("application/x-ndjson", line + "\n" + line + "\n", "Idempotency-Key: k\r\n");
  CHECK(ask(*source, lines).starts_with("429 later "));
  CHECK(read_all(*source).size() == 1 + 3 + 1);
  REQUIRE(source->settled(source->position()).ok());
  CHECK(ask(*source, lines).starts_with("202 "));
  CHECK(outline(read_all(*source)) == line + " " + line + " ~");
  REQUIRE(source->settled(source->position()).ok());
  CHECK(ask(*source, lines).starts_with("202 "));
  CHECK(outline(read_all(*source)) == "~");
}

TEST_CASE_METHOD(HttpFixture, "nothing is taken of a request that never fits into the spool") {
  limits.document = {1'000'000};
  auto source = open_http("spool: 1MiB\nmemory: 1MiB");
  const std::string body = "1\n" + std::string(800'000, 'x') + "\n";
  for (const std::string key : {"", "Idempotency-Key: k\r\n"}) {
    const std::string answer = ask_ready(*source, post("application/x-ndjson", body, key));
    CHECK(answer.starts_with("413 "));
    CHECK_THAT(answer, Catch::Contains("2 records of 800") && Catch::Contains("never fit into"));
  }
  CHECK(outline(read_all(*source)) == "^ ~");
}

TEST_CASE("lines beyond the limit of a request cost nothing") {
  CHECK(posted_lines("a\n\nb\r\nc\n", 4) == std::vector<std::string_view>{"a", "b", "c"});
  CHECK(posted_lines("a\n\nb\r\nc\n", 2) == std::vector<std::string_view>{"a", "b"});
}

TEST_CASE_METHOD(HttpFixture, "while the disk is full nobody is told that anything is kept") {
  auto source = open_http();
  const std::string later =
      R"(503 later {"error":"nothing can be kept at this moment; send again later"})";
  const std::string request =
      post("text/plain", std::string(50'000, 'x'), "Idempotency-Key: k\r\n");
  REQUIRE(source->serve().ok());
  {
    const LimitedFileSize limited(10'000);
    CHECK(ask(*source, request) == later);
    CHECK(ask(*source, request) == later);
    CHECK(source->fd() == -1);
  }
  clock.time += std::chrono::seconds(3);
  REQUIRE(source->serve().ok());
  CHECK(ask_ready(*source, request).starts_with("202 "));
  CHECK(outline(read_all(*source)).size() == 50'004);
}

TEST_CASE_METHOD(HttpFixture, "who waits when the producer ends is told to come again") {
  auto source = open_http();
  REQUIRE(source->serve().ok());
  Client client(port);
  client.send(post("text/plain", "a"));
  REQUIRE(source->drain());
  CHECK(wait_for(client, *source).starts_with("503 later "));
  CHECK(ask(*source, get("/health")).starts_with("503 later "));
  CHECK(outline(read_all(*source)) == "^ $");
}

TEST_CASE_METHOD(HttpFixture, "bodies that are held have a limit in all") {
  limits.document = {700'000};
  auto source = open_http("memory: 1MiB");
  REQUIRE(source->serve().ok());
  const std::string head =
      "POST /documents HTTP/1.1\r\nHost: a\r\nContent-Type: text/plain\r\nContent-Length: "
      "600001\r\n\r\n";
  Client first(port);
  first.send(head + std::string(600'000, 'x'));
  // The server's one thread reads a piece of each connection in turn: after that many turns it has
  // all of the first.
  for (int turns = 0; turns < 100; ++turns) {
    CHECK(ask(*source, get("/health")).starts_with("200 "));
  }
  CHECK(ask(*source, head + std::string(600'001, 'x')) ==
        R"(503 later {"error":"too much is being sent at this moment; send again later"})");
  first.send("x");
  CHECK(wait_for(first, *source).starts_with("202 "));
}

TEST_CASE_METHOD(HttpFixture, "an address in use, or of another machine, is said with the cure") {
  const auto source = open_http();
  const auto second = open(http_source(), settings(""));
  REQUIRE_FALSE(second.ok());
  CHECK(second.error() ==
        unavailable(fmt::format("http://127.0.0.1:{}: in use by another process; stop it first, or "
                                "choose another address",
                                port)));
  const auto elsewhere = open(http_source(), "bind: '192.0.2.1:8080'");
  REQUIRE_FALSE(elsewhere.ok());
  CHECK(elsewhere.error().text ==
        "http://192.0.2.1:8080: expected an address of this machine; use 127.0.0.1 for programs on "
        "this machine, 0.0.0.0 for all");
  const auto findings = open(http_source(), "{bind: '127.0.0.1:40000', token: short}");
  REQUIRE_FALSE(findings.ok());
  CHECK(findings.error().text ==
        "settings:1: bind: must be HOST:PORT, such as 127.0.0.1:8080, with a port below 32768, got "
        "'127.0.0.1:40000'\n"
        "settings:1: token: must be at least 16 characters without a space; make one with: openssl "
        "rand -hex 16\n");
}

}  // namespace
}  // namespace docmill::test
