#include <fmt/format.h>

#include <atomic>

#include "sink/former_files.h"
#include "tests/sink/http_fixture.h"
#include "tests/sink/http_server.h"

namespace docmill::test {
namespace {

constexpr const char* kFast = "\non_full: spill\nretry: { first: 1ms, longest: 1ms }";

TEST_CASE_METHOD(HttpFixture, "what waits on disk is sent after a restart, and not what was sent") {
  std::atomic<bool> up = false;
  HttpServer server([&](const HttpServer::Request& request) {
    if (!up) return answer_with(500);
    return answer_with(request.body.find("bad") == std::string::npos ? 200 : 400);
  });
  const std::string settings = "url: " + server.url() + "\nbody: each" + kFast;
  auto output = open(settings);
  output->add(id(0), {Format::kJson, "0", {"in.xml", 1, 2, 3}});
  output->add(id(1), {Format::kJson, "\"bad\"", {"in.xml", 2, 20, 4}});
  commit(*output);
  CHECK(spool_mark().totals == SpoolTotals{0, 0, 2, 0});
  output.reset();
  output = open(settings);
  output->add(id(2), {Format::kJson, "2", {"in.xml", 3, 30, 5}});
  commit(*output);
  up = true;
  while (!dead_letters->has_group()) REQUIRE(output->serve().ok());
  commit(*output);
  CHECK(
      read("dead.ndjson") ==
      R"({"document":"\"bad\"","format":"json","stage":"sink.outputs.http","error":"expected status 2xx, found 400","source":"in.xml","record":2,"offset":20,"line":4,"producer":"p1","epoch":"0000000000001122","sequence":12,"index":1})"
      "\n");
  while (output->waits()) REQUIRE(output->serve().ok());
  output.reset();
  CHECK(spool_mark().totals == SpoolTotals{2, 1, 0, 0});
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

TEST_CASE_METHOD(HttpFixture,
                 "a document is sent when the ledger has it, and never if it has not") {
  HttpServer server([](const auto&) { return answer_with(200); });
  const std::string settings = "url: " + server.url() + "\nbody: each" + kFast;
  auto output = open(settings);
  output->add(id(0), {Format::kJson, "0", {}});
  REQUIRE(sync(*output).ok());
  for (int turn = 0; turn < 20; ++turn) REQUIRE(output->serve().ok());
  // The sink ends before its commit: the document comes again.
  output.reset();
  output = open(settings);
  output->add(id(0), {Format::kJson, "0", {}});
  output->add(id(1), {Format::kJson, "1", {}});
  commit(*output);
  while (output->waits()) REQUIRE(output->serve().ok());
  output.reset();
  REQUIRE(server.requests().size() == 2);
  CHECK(server.requests()[0].body == "0");
  CHECK(server.requests()[1].body == "1");
  CHECK(spool_mark().totals == SpoolTotals{2, 0, 0, 0});
  CHECK(spool_mark().waiting.empty());
}

TEST_CASE_METHOD(HttpFixture, "a refused document waits until its dead letter is committed") {
  HttpServer server([](const auto&) { return answer_with(422); });
  const std::string settings = "url: " + server.url() + "\nbody: each" + kFast;
  auto output = open(settings);
  for (std::uint32_t i = 0; i < 3; ++i) output->add(id(i), {Format::kJson, "1", {}});
  commit(*output);
  while (dead_letters->added() < 3) REQUIRE(output->serve().ok());
  CHECK(spilling(output)->spill().totals == SpoolTotals{0, 0, 3, 0});
  // The sink ends before that commit: they are asked for again, and the file is cut back.
  output.reset();
  dead_letters.reset();
  CHECK(spool_mark().totals == SpoolTotals{0, 0, 3, 0});
  output = open(settings);
  while (dead_letters->added() < 3) REQUIRE(output->serve().ok());
  commit(*output);
  CHECK(spilling(output)->spill().totals == SpoolTotals{0, 3, 0, 0});
  CHECK(spool_mark().totals == SpoolTotals{0, 3, 0, 0});
  const std::string letters = read("dead.ndjson");
  CHECK(std::count(letters.begin(), letters.end(), '\n') == 3);
}

TEST_CASE_METHOD(HttpFixture,
                 "a spool that is not there is asked for, one that lost documents says how many") {
  HttpServer server([](const auto&) { return answer_with(500); });
  const std::string settings = "url: " + server.url() + "\nbody: each" + kFast;
  auto output = open(settings);
  for (std::uint32_t i = 0; i < 3; ++i) output->add(id(i), {Format::kJson, "1", {}});
  commit(*output);
  output.reset();
  const std::filesystem::path spool = folder / "state/s1" / spool_mark().spool;
  std::filesystem::rename(spool, folder / "aside");
  CHECK(try_open(settings).error() ==
        config_error(fmt::format("sink.outputs.http: {}: expected the 3 documents that wait in it, "
                                 "found no such folder; put it back, or start over with --fresh",
                                 spool.string())));
  std::filesystem::create_directory(spool);
  output = open(settings);
  CHECK(spilling(output)->spill().totals == SpoolTotals{0, 0, 0, 3});
  CHECK(log.lines.back() ==
        fmt::format("sink.outputs.http: {}: expected 3 documents that wait in it, found 0; "
                    "the others are lost",
                    spool.string()));
  // Numbers of that spool are given again, and mean others.
  output->add(id(3), {Format::kJson, "1", {}});
  REQUIRE(sync(*output).ok());
  output.reset();
  CHECK(spilling(open(settings))->spill().totals == SpoolTotals{0, 0, 0, 3});
}

TEST_CASE_METHOD(HttpFixture, "documents that no output sends any more are told at the start") {
  HttpServer server([](const auto&) { return answer_with(500); });
  auto output = open("url: " + server.url() + "\nbody: each" + kFast);
  output->add(id(0), {Format::kJson, "1", {}});
  commit(*output);
  OutputContext with = context();
  with.folder = folder / "state/s1";
  const auto told = [&](std::vector<std::unique_ptr<Output>> outputs) {
    const std::size_t before = log.lines.size();
    REQUIRE(finish_former_files(with, outputs).ok());
    return log.lines.size() > before ? log.lines.back() : std::string();
  };
  std::vector<std::unique_ptr<Output>> same;
  same.push_back(std::move(output));
  CHECK(told(std::move(same)).find("expected an output") == std::string::npos);
  std::vector<std::unique_ptr<Output>> waiting;
  waiting.push_back(open("url: " + server.url() + "\nbody: each"));
  CHECK(told(std::move(waiting)) ==
        fmt::format("{}: expected an output with 'on_full: spill' for the 1 documents that "
                    "wait in it for {}, found none; put it back to send them",
                    (with.folder / spool_mark().spool).string(), server.url()));
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
    commit(*output);
    while (output->waits()) REQUIRE(output->serve().ok());
  }
  up = false;
  for (int life = 0; life < 2; ++life) {
    for (int i = 0; i < 5; ++i) {
      output->add(id(index++), {Format::kJson, document, {}});
      commit(*output);
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

TEST_CASE_METHOD(HttpFixture,
                 "a refused document is dead-lettered without another look at the disk") {
  std::atomic<bool> up = false;
  HttpServer server([&](const auto&) { return answer_with(up ? 400 : 500); });
  auto output =
      open("url: " + server.url() + "\non_full: spill\nretry: { first: 1ms, longest: 1ms }");
  for (std::uint32_t i = 0; i < 3; ++i) output->add(id(i), {Format::kJson, "1", {}});
  commit(*output);
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder / "state/s1")) {
    if (entry.path().extension() == ".open") std::filesystem::resize_file(entry.path(), 0);
  }
  up = true;
  while (dead_letters->added() < 3) REQUIRE(output->serve().ok());
}

}  // namespace
}  // namespace docmill::test
