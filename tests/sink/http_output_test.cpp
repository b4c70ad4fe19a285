#include <fmt/format.h>

#include <chrono>

#include "sink/document_names.h"
#include "sink/http/http_client.h"
#include "sink/http/http_delivery.h"
#include "sink/http/http_document.h"
#include "tests/sink/http_fixture.h"
#include "tests/sink/http_server.h"

namespace docmill::test {
namespace {

using std::chrono::milliseconds;

class HandClock final : public Clock {
 public:
  Time now() const override { return now_; }
  void tick(Duration by) { now_ += by; }

 private:
  Time now_{};
};

std::string value_of(const HttpServer::Request& request, const std::string& name) {
  const std::size_t at = request.head.find("\r\n" + name + ": ");
  if (at == std::string::npos) return "none";
  const std::size_t begin = at + name.size() + 4;
  return request.head.substr(begin, request.head.find("\r\n", begin) - begin);
}

struct Form {
  const char* body;
  std::vector<std::string> requests;  // content type, key and body
};
const std::vector<Form> kForms = {
    {.body = "ndjson",
     .requests = {"application/x-ndjson p1-0000000000001122-12-0-0-2-* {\"a\":1}\n\"<b>\\n</b>\"\n",
                  "application/x-ndjson p1-0000000000001122-12-2-0-1-* [1,2]\n"}},
    {.body = "json_array",
     .requests = {"application/json p1-0000000000001122-12-0-0-2-* [{\"a\":1},\"<b>\\n</b>\"]",
                  "application/json p1-0000000000001122-12-2-0-1-* [[1,2]]"}},
    {.body = "each",
     .requests = {"application/json p1-0000000000001122-12-0-0 {\"a\":1}",
                  "application/xml p1-0000000000001122-12-1-0 <b>\n</b>",
                  "application/json p1-0000000000001122-12-2-0 [1,\n2]"}},
};

TEST_CASE_METHOD(HttpFixture, "a request holds its documents, under the same key each time") {
  for (const Form& form : kForms) {
    INFO(form.body);
    HttpServer server([](const auto&) { return answer_with(204); });
    std::vector<std::string> keys;
    for (int time = 0; time < 2; ++time) {
      auto output = open(fmt::format(
          "url: {}\nbody: {}\nbatch: {{ documents: 2 }}\nheaders: {{ X-From: us }}\nbearer: t",
          server.url(), form.body));
      output->add(id(0), {Format::kJson, "{\"a\":1}", {}});
      output->add(id(1), {Format::kXml, "<b>\n</b>", {}});
      output->add(id(2), {Format::kJson, "[1,\n2]", {}});
      REQUIRE(sync(*output).ok());
      CHECK(output->take_rejected().empty());
    }
    const auto requests = server.requests();
    REQUIRE(requests.size() == 2 * form.requests.size());
    for (std::size_t i = 0; i < requests.size(); ++i) {
      const std::string key = value_of(requests[i], "Idempotency-Key");
      keys.push_back(key);
      // The hash at the end of a batch's key is compared with its repeat only.
      const std::string shown =
          form.body == std::string("each") ? key : key.substr(0, key.size() - 16) + "*";
      CHECK(value_of(requests[i], "Content-Type") + " " + shown + " " + requests[i].body ==
            form.requests[i % form.requests.size()]);
      CHECK(value_of(requests[i], "Authorization") == "Bearer t");
      CHECK(value_of(requests[i], "X-From") == "us");
      CHECK(value_of(requests[i], "Expect") == "none");
    }
    for (std::size_t i = 0; i < form.requests.size(); ++i) {
      CHECK(keys[i] == keys[i + form.requests.size()]);
    }
  }
}

TEST_CASE_METHOD(HttpFixture, "of a batch that is refused only the document at fault is rejected") {
  HttpServer server([](const HttpServer::Request& request) {
    return answer_with(request.body.find("bad") == std::string::npos ? 200 : 400, "no\nway");
  });
  auto output = open("url: " + server.url());
  for (std::uint32_t i = 0; i < 10; ++i) {
    output->add(id(i), {Format::kJson, i == 3 || i == 7 ? "\"bad\"" : "\"good\"", {}});
  }
  REQUIRE(sync(*output).ok());
  const auto rejected = output->take_rejected();
  REQUIRE(rejected.size() == 2);
  CHECK(rejected[0].number == 3);
  CHECK(rejected[0].reason == "expected status 2xx, found 400: no\\x0away");
  CHECK(rejected[1].number == 7);
  std::string taken;
  for (const auto& request : server.requests()) {
    if (request.body.find("bad") == std::string::npos) taken += request.body;
  }
  CHECK(std::count(taken.begin(), taken.end(), '\n') == 8);
  REQUIRE(output->settle().ok());
  CHECK(output->take_rejected().empty());
}

// The milliseconds at the end of a line of the log.
int pause_of(const std::string& line) {
  const std::size_t at = line.rfind("retry in ");
  REQUIRE(at != std::string::npos);
  return std::stoi(line.substr(at + 9));
}

TEST_CASE("pauses double up to the longest, and what the server asks for counts") {
  std::vector<std::string> answers(6, answer_with(503));
  answers.push_back(answer_with(429, "", "Retry-After: 7\r\n"));
  answers.push_back(answer_with(200));
  std::size_t next = 0;
  HttpServer server([&](const auto&) { return answers[next++]; });
  auto client = HttpClient::open({server.url(), {}, std::chrono::minutes(1), milliseconds(5000)});
  REQUIRE(client.ok());
  HandClock clock;
  LinesLog log;
  HttpDelivery delivery(std::make_unique<HttpClient>(std::move(*client)),
                        {.first_retry = milliseconds(100), .longest_retry = milliseconds(1000)},
                        server.url(), "sink.outputs.http", clock, log);
  delivery.add(1, "k", "text/plain", "x");
  delivery.close();
  const std::vector<int> most = {100, 200, 400, 800, 1000, 1000};
  for (std::size_t failure = 1; failure < answers.size(); ++failure) {
    while (log.lines.size() < failure) CHECK(delivery.turn(milliseconds(100)).empty());
    const bool asked = failure == answers.size() - 1;
    if (asked) {
      CHECK(log.lines.back() ==
            "sink.outputs.http: " + server.url() + ": expected status 2xx, found 429; retry in 7s");
    } else {
      CHECK(pause_of(log.lines.back()) <= most[failure - 1]);
      CHECK(pause_of(log.lines.back()) >= most[failure - 1] / 2);
    }
    const int pause = asked ? 7000 : pause_of(log.lines.back());
    clock.tick(milliseconds(pause - 2));
    CHECK(delivery.turn(Duration::zero()).empty());
    CHECK(server.requests().size() == failure);  // the pause is not over
    clock.tick(milliseconds(2));
  }
  std::vector<HttpDelivery::Done> done;
  while (done.empty()) done = delivery.turn(milliseconds(100));
  CHECK(done[0].number == 1);
  CHECK(done[0].rejected.empty());
  CHECK(log.lines.back() == "sink.outputs.http: " + server.url() + ": answers again");
  CHECK(delivery.documents() == 0);
}

TEST_CASE("a server decides neither how long a line of the log is nor how many there are") {
  bool moved = false;
  HttpServer server([&](const auto&) {
    moved = !moved;
    if (!moved) return answer_with(200);
    return answer_with(302, {}, "Location: http://h/" + std::string(50'000, 'x') + "\r\n");
  });
  auto client = HttpClient::open({server.url(), {}, std::chrono::minutes(1), milliseconds(5000)});
  REQUIRE(client.ok());
  HandClock clock;
  LinesLog log;
  HttpDelivery delivery(std::make_unique<HttpClient>(std::move(*client)),
                        {.first_retry = milliseconds(100), .longest_retry = milliseconds(1000)},
                        server.url(), "sink.outputs.http", clock, log);
  const auto deliver = [&](std::uint64_t number) {
    delivery.add(number, "k", "text/plain", "x");
    delivery.close();
    while (delivery.documents() > 0) {
      delivery.turn(milliseconds(100));
      clock.tick(milliseconds(100));
    }
  };
  for (std::uint64_t number = 1; number <= 100; ++number) deliver(number);
  CHECK(server.requests().size() == 200);
  CHECK(log.lines.size() <= 4);
  for (const std::string& line : log.lines) CHECK(line.size() < 500);
  clock.tick(std::chrono::minutes(1));
  deliver(101);
  REQUIRE(log.lines.size() >= 2);
  CHECK(log.lines[log.lines.size() - 2].find(" more like it)") != std::string::npos);
  CHECK(log.lines.back().find("answers again") != std::string::npos);
}

struct BadSettings {
  const char* settings;
  const char* finding;
};
const std::vector<BadSettings> kBadSettings = {
    {"url: ftp://example.org/",
     "test.yaml:1: url: expected a URL of http or https, found 'ftp://example.org/'\n"},
    {"url: http://", "test.yaml:1: url: expected a URL of http or https, found 'http://'\n"},
    {"url: http://a/\nheaders: { 'X: y': z }",
     "test.yaml:1: headers: expected a name without ':' or space and a value of one line\n"},
    {"url: http://a/\nbearer: \"a\\nb\"", "test.yaml:1: bearer: expected a token of one line\n"},
    {"url: http://a/\nretry: { first: 1min }",
     "test.yaml:1: retry.first: expected at most retry.longest\n"},
};

TEST_CASE_METHOD(HttpFixture, "settings that no request could follow are findings") {
  for (const BadSettings& row : kBadSettings) {
    INFO(row.settings);
    const auto output = try_open(row.settings);
    REQUIRE_FALSE(output.ok());
    CHECK(output.error().text == row.finding);
  }
}

TEST_CASE("a document comes out of the spool as it went in") {
  const DocumentView document{
      Format::kXml, std::string_view("<a>\0</a>", 8), {"in.xml", 1, 2, 3}, "\"key\":\"b\""};
  const std::string bytes = encode_spooled({"p1", 7, 12, 5, 2}, document);
  const auto found = decode_spooled(bytes);
  REQUIRE(found.ok());
  CHECK(found->id.producer == "p1");
  CHECK(idempotency_key(found->id) == "p1-0000000000000007-12-5-2");
  CHECK(found->document.format == Format::kXml);
  CHECK(found->document.bytes == document.bytes);
  CHECK(found->document.notes == document.notes);
  CHECK(found->document.origin.source == "in.xml");
  CHECK(found->document.origin.line == 3);
  CHECK(decode_spooled("\2" + bytes.substr(1)).error() ==
        corrupt("expected a spooled document of version 1, found version 2; use the docmill that "
                "wrote it"));
}

}  // namespace
}  // namespace docmill::test
