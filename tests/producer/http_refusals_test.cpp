// What the http source does not take, and what its clients are told.
#include <chrono>
#include <filesystem>

#include "tests/producer/http_fixture.h"

namespace docmill::test {
namespace {

TEST_CASE_METHOD(HttpFixture, "what is no right request is refused with what was expected") {
  limits.document = {2048};
  auto source = open_http("memory: 1MiB");
  CHECK(ask_ready(*source, get("/health")) == R"(200 {"status":"ok"})");
  struct Case {
    std::string request;
    std::string answer;
  };
  const std::vector<Case> cases = {
      {post("image/png", "x"),
       R"(415 {"error":"expected the content type application/xml, text/xml, application/json, )"
       R"(text/plain or application/x-ndjson, found 'image/png'"})"},
      {post("application/json; charset=latin1", "{}"),
       R"(415 {"error":"expected UTF-8, found charset=latin1; convert it, or, if it is XML, )"
       R"(declare its encoding in the document and leave charset out"})"},
      {post("application/json", "{}", "Content-Encoding: gzip\r\n"),
       R"(415 {"error":"expected a body that is not compressed; leave Content-Encoding out"})"},
      {post("application/json", "{}", "Idempotency-Key: " + std::string(241, 'k') + "\r\n"),
       R"(400 {"error":"expected an Idempotency-Key of at most 240 bytes, found 241; shorten it"})"},
      {post("application/json", ""), R"(400 {"error":"expected a document, found an empty body"})"},
      {post("application/x-ndjson", "\n\r\n"),
       R"(400 {"error":"expected a document, found an empty body"})"},
      {post("text/plain", std::string(2049, 'x')),
       R"(413 {"error":"expected a body of at most 2KiB; send less at a time, or raise )"
       R"(limits.document"})"},
      {"POST /documents HTTP/1.1\r\nHost: a\r\nContent-Type: text/plain\r\n"
       "Transfer-Encoding: chunked\r\n\r\n801\r\n" +
           std::string(2049, 'x') + "\r\n0\r\n\r\n",
       R"(413 {"error":"expected a body of at most 2KiB; send less at a time, or raise )"
       R"(limits.document"})"},
      {get("/documents"), R"(405 {"error":"expected the method POST"})"},
      {get("/"), R"(404 {"error":"expected /documents, /documents/ID or /health"})"},
      {"DELETE /documents/1 HTTP/1.1\r\nHost: a\r\n\r\n",
       R"(405 {"error":"expected the method GET"})"},
  };
  for (const Case& c : cases) {
    INFO(c.request.substr(0, 100));
    CHECK(ask(*source, c.request) == c.answer);
  }
  CHECK(ask(*source, post("text/plain", std::string(2048, 'x'))).starts_with("202 "));
  CHECK(read_all(*source).size() == 3);
}

TEST_CASE_METHOD(HttpFixture, "a body of two lengths is refused, and ends its connection") {
  auto source = open_http();
  REQUIRE(source->serve().ok());
  const std::string head = "POST /documents HTTP/1.1\r\nHost: a\r\nContent-Type: text/plain\r\n";
  for (const std::string lengths : {"Content-Length: 5\r\ncontent-length: 6\r\n\r\nabcdef",
                                    "Content-Length: 0\r\nContent-Length: 7\r\n\r\nabcdefg",
                                    "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n"
                                    "1\r\na\r\n0\r\n\r\n"}) {
    INFO(lengths);
    Client client(port);
    client.send(head + lengths);
    CHECK(wait_for(client, *source) ==
          R"(400 {"error":"expected one length of the body, found two; send one Content-Length, )"
          R"(or Transfer-Encoding: chunked alone"})");
    CHECK(wait_for(client, *source) == "closed");
  }
  CHECK(ask(*source, head + "Content-Length: 1\r\nContent-Length: 1\r\n\r\na").starts_with("202 "));
  CHECK(outline(read_all(*source)) == "^ a ~");
}

TEST_CASE_METHOD(HttpFixture, "what is no HTTP is cut off, and nothing of it is taken") {
  auto source = open_http();
  REQUIRE(source->serve().ok());
  Client garbage(port);
  garbage.send("GARBAGE\r\n\r\n");
  CHECK(wait_for(garbage, *source) == "closed");
  // libmicrohttpd writes the headers of this answer twice.
  CHECK(ask(*source,
            "POST /documents HTTP/1.1\r\nHost: a\r\nContent-Type: text/plain\r\n"
            "Content-Length: x\r\n\r\na")
            .starts_with("400 "));
  CHECK(outline(read_all(*source)) == "^ ~");
}

TEST_CASE_METHOD(HttpFixture,
                 "who waits when the spool breaks is told so before the producer ends") {
  auto source = open_http("spool: 1MiB");
  REQUIRE(source->serve().ok());
  // Too much for the first segment, and no folder for the next one.
  std::filesystem::remove_all(path("spool"));
  Client client(port);
  client.send(post("text/plain", std::string(300'000, 'x')));
  Result<void> served;
  while (served) served = source->serve();
  CHECK_THAT(served.error().text,
             Catch::Contains(": expected the file that is appended to, with at least 0 bytes, got "
                             "no file; "));
  CHECK(served.error().code == ErrorCode::kCorrupt);
  source.reset();
  while (client.receive()) continue;
  CHECK(client.answer() ==
        R"(503 later {"error":"nothing can be kept at this moment; send again later"})");
}

TEST_CASE_METHOD(HttpFixture, "a client that takes too long for its request is cut off") {
  auto source = open_http("timeout: 5s");
  REQUIRE(source->serve().ok());
  Client slow(port);
  slow.send("POST /documents HTTP/1.1\r\nHost: a\r\nContent-Type: text/plain\r\nContent-Le");
  CHECK(ask(*source, post("text/plain", "a")).starts_with("202 "));
  clock.time += std::chrono::seconds(1);
  REQUIRE(source->serve().ok());
  clock.time += std::chrono::seconds(6);
  CHECK(wait_for(slow, *source) == "closed");
}

}  // namespace
}  // namespace docmill::test
