#include <fmt/format.h>

#include <atomic>

#include "tests/sink/http_fixture.h"
#include "tests/sink/http_server.h"

namespace docmill::test {
namespace {

TEST_CASE_METHOD(HttpFixture, "what waits on disk is sent after a restart, and not what was sent") {
  std::atomic<bool> up = false;
  HttpServer server([&](const HttpServer::Request& request) {
    if (!up) return answer_with(500);
    return answer_with(request.body.find("bad") == std::string::npos ? 200 : 400);
  });
  const std::string settings =
      "url: " + server.url() + "\nbody: each\non_full: spill\nretry: { first: 1ms, longest: 1ms }";
  const auto settle = [&](Output& output) {
    REQUIRE(sync(output).ok());
    REQUIRE(dead_letters->sync().ok());
    std::vector<FileMark> marks;
    dead_letters->marks(marks);
    REQUIRE(ledger->commit({}, marks).ok());
    dead_letters->committed();
    REQUIRE(output.settle().ok());
  };
  auto output = open(settings);
  output->add(id(0), {Format::kJson, "0", {"in.xml", 1, 2, 3}});
  output->add(id(1), {Format::kJson, "\"bad\"", {"in.xml", 2, 20, 4}});
  settle(*output);
  output.reset();
  output = open(settings);
  // The same documents again, because the ledger had not settled them: they are there already.
  output->add(id(1), {Format::kJson, "\"bad\"", {"in.xml", 2, 20, 4}});
  output->add(id(2), {Format::kJson, "2", {"in.xml", 3, 30, 5}});
  settle(*output);
  up = true;
  while (!dead_letters->has_group()) REQUIRE(output->serve().ok());
  settle(*output);
  CHECK(
      read("dead.ndjson") ==
      R"({"document":"\"bad\"","format":"json","stage":"sink.outputs.http","error":"expected status 2xx, found 400","source":"in.xml","record":2,"offset":20,"line":4,"producer":"p1","epoch":"0000000000001122","sequence":12,"index":1})"
      "\n");
  while (output->waits()) REQUIRE(output->serve().ok());
  output.reset();
  up = false;
  const std::size_t sent = server.requests().size();
  output = open(settings);
  REQUIRE(output->serve().ok());
  output.reset();
  std::vector<std::string> bodies;
  for (const auto& request : server.requests()) bodies.push_back(request.body);
  CHECK(bodies.size() == sent);
  CHECK(std::count(bodies.begin(), bodies.end(), "2") == 1);
  CHECK(std::count(bodies.begin(), bodies.end(), "\"bad\"") == 1);
}

TEST_CASE_METHOD(HttpFixture, "what the server has got takes none of the room of what waits") {
  std::atomic<bool> up = true;
  HttpServer server([&](const auto&) { return answer_with(up ? 200 : 500); });
  auto output = open("url: " + server.url() +
                     "\non_full: spill\nspill: 1MiB\nretry: { first: 1ms, longest: 1ms }");
  const std::string document = "\"" + std::string(100'000, 'x') + "\"";
  std::uint32_t index = 0;
  for (; index < 22; ++index) {
    output->add(id(index), {Format::kJson, document, {}});
    REQUIRE(sync(*output).ok());
    while (output->waits()) REQUIRE(output->serve().ok());
    REQUIRE(output->settle().ok());
  }
  up = false;
  for (int life = 0; life < 2; ++life) {
    for (int i = 0; i < 5; ++i) {
      output->add(id(index++), {Format::kJson, document, {}});
      REQUIRE(output->sync().ok());
      REQUIRE(output->settle().ok());
    }
    output.reset();
    output = open("url: " + server.url() +
                  "\non_full: spill\nspill: 1MiB\nretry: { first: 1ms, longest: 1ms }");
  }
  output->add(id(index), {Format::kJson, document, {}});
  CHECK(output->sync().error() == unavailable(""));
  up = true;
  CHECK(sync(*output).ok());
}

TEST_CASE_METHOD(HttpFixture, "a refused document is buried without another look at the disk") {
  std::atomic<bool> up = false;
  HttpServer server([&](const auto&) { return answer_with(up ? 400 : 500); });
  auto output =
      open("url: " + server.url() + "\non_full: spill\nretry: { first: 1ms, longest: 1ms }");
  for (std::uint32_t i = 0; i < 3; ++i) output->add(id(i), {Format::kJson, "1", {}});
  REQUIRE(sync(*output).ok());
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder / "state/s1")) {
    if (entry.path().extension() == ".open") std::filesystem::resize_file(entry.path(), 0);
  }
  up = true;
  while (dead_letters->added() < 3) REQUIRE(output->serve().ok());
}

}  // namespace
}  // namespace docmill::test
