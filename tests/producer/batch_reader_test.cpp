#include "producer/batch_reader.h"

#include <sqlite3.h>
#include <unistd.h>

#include <algorithm>

#include "producer/spooled/spooled_document.h"
#include "shared/store/spool.h"
#include "shared/transport/context.h"
#include "tests/producer/source_fixture.h"

namespace docmill::test {
namespace {

// One producer over several starts, with what it would have made durable.
struct ReaderFixture : SourceFixture {
  ReaderFixture() : sockets(*Context::open()) {
    std::filesystem::create_directories(folder / "in");
    write("in/a.ndjson", "{\"a\":1}\n{\"a\":2}\n{\"a\":3}\n");
    write("in/b.ndjson", "{\"b\":1}\n");
    write("grows", "{\"f\":1}\n{\"f\":2}\n");
    sqlite3* database = nullptr;
    REQUIRE(sqlite3_open(path("rows.db").c_str(), &database) == SQLITE_OK);
    REQUIRE(sqlite3_exec(database, "CREATE TABLE t (id INTEGER); INSERT INTO t VALUES (1), (2)",
                         nullptr, nullptr, nullptr) == SQLITE_OK);
    sqlite3_close(database);
    state.lineage = {"p1", 7};
  }

  std::string yaml(std::string text) const {
    for (std::size_t at = text.find('@'); at != text.npos; at = text.find('@')) {
      text.replace(at, 1, folder.string());
    }
    return text;
  }

  Result<std::unique_ptr<BatchReader>> try_start(const std::string& source) {
    const auto components = source_components();
    const ComponentSet set = component_set("source", components);
    PipelineConfig config;
    auto chosen = parse_component(yaml(source), set);
    INFO((chosen ? "" : chosen.error().text));
    REQUIRE(chosen.ok());
    config.producer.source = *chosen;
    config.limits = limits;
    Plan plan;
    plan.limits.documents = 2;
    plan.sinks = {"s1"};
    plan.source_text = source_text(config);
    SourceContext with = context();
    with.sockets = &sockets;
    with.raw = &raw;
    return BatchReader::open(state, plan, components, with);
  }

  std::unique_ptr<BatchReader> start(const std::string& source) {
    auto reader = try_start(source);
    INFO((reader ? "" : reader.error().text));
    REQUIRE(reader.ok());
    return std::move(*reader);
  }

  // Reads until the source has nothing, or that many batches; what is cut is durable.
  std::vector<std::string> read(BatchReader& reader, std::size_t most = 1000) {
    std::vector<std::string> documents;
    std::size_t count = 0;
    for (int idle = 0; idle < 3 && count < most;) {
      clock.time += std::chrono::seconds(1);
      REQUIRE(reader.serve().ok());
      std::vector<Batch> batches;
      const auto progress = reader.step(batches);
      INFO((progress ? "" : progress.error().text));
      REQUIRE(progress.ok());
      if (!batches.empty()) apply(reader.take_facts(), state);
      for (const Batch& batch : batches) {
        ++count;
        state.reserved = std::max(state.reserved, batch.sequence);
        last = {batch.sequence, batch.position, {}};
        PayloadReader payload(*batch.payload);
        Entry entry;
        for (auto more = payload.next(entry); more && *more; more = payload.next(entry)) {
          documents.emplace_back(entry.document.bytes);
        }
      }
      const bool waits =
          *progress == BatchReader::Progress::kIdle || *progress == BatchReader::Progress::kEnded;
      idle = waits ? idle + 1 : 0;
    }
    return documents;
  }

  // Everything that was read is settled.
  void settle(BatchReader& reader) {
    ProducerFacts facts;
    facts.checkpoint = last;
    apply(facts, state);
    REQUIRE(reader.settled(last.position).ok());
  }

  // What came in by itself and was taken in, as a source with a spool leaves it.
  void fill_spool(int documents) {
    auto spool = Spool::open(real_disk(), folder / "spool", {}, log);
    REQUIRE(spool.ok());
    for (int i = 1; i <= documents; ++i) {
      const std::string bytes = "{\"s\":" + std::to_string(i) + "}";
      REQUIRE(append_document(*spool, {}, Format::kJson, "x", {}, bytes).ok());
    }
    REQUIRE(spool->sync().ok());
  }

  Context sockets;
  RawCounters raw;
  ProducerState state;
  Checkpoint last;
};

using Texts = std::vector<std::string>;

constexpr const char* kZmq = "zmq: { type: pull, bind: 'ipc://@/raw.socket' }";
constexpr const char* kLines = "lines: '@/in/*.ndjson'";

TEST_CASE_METHOD(ReaderFixture, "each kind of source can take the place of each other one") {
  const std::vector<std::string> sources = {
      "files: '@/in/*.ndjson'",
      "files: { path: '@/in/*.ndjson', split: '' }",
      kLines,
      "generate: { count: 3 }",
      "follow: '@/grows'",
      "http: { bind: '127.0.0.1:" + std::to_string(20000 + getpid() % 10000) + "' }",
      "sqlite: { path: '@/rows.db', query: 'SELECT id FROM t WHERE id > :cursor ORDER BY id', "
      "cursor: id, poll: 0s }",
      "sqlite: { path: '@/rows.db', query: 'SELECT id FROM t WHERE id >= :cursor + 1 ORDER BY id', "
      "cursor: id, poll: 0s }",
      "submit: { bind: 'ipc://@/submit.socket' }",
      kZmq};
  for (const std::string& before : sources) {
    for (const std::string& after : sources) {
      INFO(before << " -> " << after);
      ReaderFixture fixture;
      Texts alone;
      {
        ReaderFixture other;
        auto reader = other.start(after);
        alone = other.read(*reader);
      }
      if (before == after) continue;
      {
        auto reader = fixture.start(before);
        fixture.read(*reader, 1);
      }
      auto reader = fixture.start(after);
      Texts all = fixture.read(*reader);
      apply(reader->take_facts(), fixture.state);  // of a source that has nothing yet
      CHECK(fixture.state.plans.back().plan.source_text.find(after.substr(0, after.find(':'))) !=
            std::string::npos);
      REQUIRE(all.size() >= alone.size());
      const bool both_spooled = fixture.state.plans.back().plan.left.empty();
      if (!both_spooled) {
        CHECK(Texts(all.end() - static_cast<std::ptrdiff_t>(alone.size()), all.end()) == alone);
      }
    }
  }
}

TEST_CASE_METHOD(ReaderFixture,
                 "what a spool has is given out before another kind of source begins") {
  fill_spool(3);
  {
    auto reader = start(kZmq);
    CHECK(read(*reader, 1) == Texts{"{\"s\":1}", "{\"s\":2}"});
  }
  auto reader = start(kLines);
  CHECK(read(*reader) == Texts{"{\"s\":1}", "{\"s\":2}", "{\"s\":3}", "{\"a\":1}", "{\"a\":2}",
                               "{\"a\":3}", "{\"b\":1}"});
  CHECK(log.lines.back().starts_with(
      "the source is another one from batch 3 on; the one before was left at 'spool 1 "));
}

TEST_CASE_METHOD(ReaderFixture,
                 "a crash at any batch of a change of source repeats what was cut before") {
  fill_spool(3);
  {
    auto reader = start(kZmq);
    read(*reader, 1);
  }
  Texts expected;
  {
    ReaderFixture whole;
    whole.fill_spool(3);
    auto reader = whole.start(kZmq);
    whole.read(*reader, 1);
    reader.reset();
    reader = whole.start(kLines);
    expected = whole.read(*reader);
  }
  for (std::size_t crash = 1; crash < 6; ++crash) {
    auto reader = start(kLines);
    const Texts again = read(*reader, crash);
    REQUIRE(again.size() <= expected.size());
    CHECK(again ==
          Texts(expected.begin(), expected.begin() + static_cast<std::ptrdiff_t>(again.size())));
  }
  auto reader = start(kLines);
  CHECK(read(*reader) == expected);
}

TEST_CASE_METHOD(ReaderFixture,
                 "after a checkpoint on either side of the change nothing comes twice") {
  fill_spool(3);
  Texts all;
  const auto add = [&all](const Texts& more) { all.insert(all.end(), more.begin(), more.end()); };
  {
    auto reader = start(kZmq);
    add(read(*reader, 1));
    settle(*reader);
  }
  // One batch a start: the last of the spool, then those of the files.
  for (int i = 0; i < 12; ++i) {
    auto reader = start(kLines);
    add(read(*reader, 1));
    settle(*reader);
  }
  CHECK(all == Texts{"{\"s\":1}", "{\"s\":2}", "{\"s\":3}", "{\"a\":1}", "{\"a\":2}", "{\"a\":3}",
                     "{\"b\":1}"});
}

TEST_CASE_METHOD(ReaderFixture, "a source that is used again resumes where it was left") {
  {
    auto reader = start(kLines);
    CHECK(read(*reader).size() == 4);
    settle(*reader);
  }
  {
    auto reader = start("generate: { count: 3 }");
    CHECK(read(*reader).size() == 3);
    settle(*reader);
  }
  write("in/c.ndjson", "{\"c\":1}\n");
  {
    auto reader = start(kLines);
    CHECK(read(*reader) == Texts{"{\"c\":1}"});
    settle(*reader);
  }
  auto reader = start("generate: { count: 4 }");
  CHECK(read(*reader).size() == 1);
}

TEST_CASE_METHOD(ReaderFixture,
                 "a file that is open is read to its end before another kind of source begins") {
  const std::string watched = "lines: { path: '@/in/*.ndjson', watch: true }";
  {
    auto reader = start(watched);
    CHECK(read(*reader, 1) == Texts{"{\"a\":1}", "{\"a\":2}"});
    settle(*reader);
  }
  auto reader = start("generate: { count: 1 }");
  const Texts rest = read(*reader);
  REQUIRE(rest.size() >= 2);
  CHECK(rest.front() == "{\"a\":3}");
  CHECK(state.plans.back().plan.left.at("lines ").starts_with("lines 1 1 "));
}

TEST_CASE_METHOD(ReaderFixture,
                 "files that were claimed are read before another kind of source begins") {
  std::filesystem::create_directories(folder / "claims");
  {
    auto reader = start("lines: { path: '@/in/*.ndjson', claims: '@/claims' }");
    CHECK(read(*reader, 1) == Texts{"{\"a\":1}", "{\"a\":2}"});
    settle(*reader);
  }
  write("in/c.ndjson", "{\"c\":1}\n");
  auto reader = start("generate: { count: 1 }");
  const Texts rest = read(*reader);
  REQUIRE(rest.size() == 3);
  CHECK(Texts(rest.begin(), rest.begin() + 2) == Texts{"{\"a\":3}", "{\"b\":1}"});
}

TEST_CASE_METHOD(ReaderFixture, "a document keeps the limits that it was first cut with") {
  write("in/a.ndjson", "{\"a\":1}\n{\"a\":\"0123456789\"}\n");
  limits.document = Bytes{12};
  Texts before;
  {
    auto reader = start(kLines);
    before = read(*reader);
  }
  CHECK(std::find(before.begin(), before.end(), "{\"a\":\"0123456789\"}") == before.end());
  limits = {};
  auto reader = start(kLines);
  CHECK(read(*reader) == before);
}

TEST_CASE_METHOD(ReaderFixture,
                 "what was read is sent while the source looks for its next document, and cut the "
                 "same way again") {
  limits.document = Bytes{1 << 20};
  write("in/a.ndjson", "{\"a\":1}\n" + std::string(64 << 20, ' ') + "\n{\"a\":2}\n");
  std::filesystem::remove(path("in/b.ndjson"));
  auto reader = start(kLines);
  CHECK(read(*reader, 1) == Texts{"{\"a\":1}"});
  const Sequence sent = last.sequence;
  CHECK(state.cuts.at(sent) == Cut{1, false});
  reader.reset();
  // Nothing was settled: a run that is never busy for long reads it again.
  auto again = start(kLines);
  std::vector<Batch> batches;
  while (batches.empty()) REQUIRE(again->step(batches).ok());
  CHECK(batches.front().sequence == sent);
  CHECK(batches.front().documents == 1);
}

}  // namespace
}  // namespace docmill::test
