#include "producer/batch_reader.h"

#include <unistd.h>

#include <algorithm>

#include "tests/producer/reader_fixture.h"

namespace docmill::test {
namespace {

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

// Another program that has a database locked.
class LockedDatabase {
 public:
  explicit LockedDatabase(const std::string& path) {
    REQUIRE(sqlite3_open(path.c_str(), &database_) == SQLITE_OK);
    REQUIRE(sqlite3_exec(database_, "BEGIN EXCLUSIVE", nullptr, nullptr, nullptr) == SQLITE_OK);
  }
  ~LockedDatabase() { sqlite3_close(database_); }
  LockedDatabase(const LockedDatabase&) = delete;
  LockedDatabase& operator=(const LockedDatabase&) = delete;

 private:
  sqlite3* database_ = nullptr;
};

TEST_CASE_METHOD(ReaderFixture,
                 "a database that is locked is read to its end before another kind of source "
                 "begins") {
  const std::string query = "query: 'SELECT id FROM t WHERE id > :cursor ORDER BY id', cursor: id";
  {
    auto reader = start("sqlite: { path: '@/rows.db', " + query + " }");
    CHECK(read(*reader, 1) == Texts{"{\"id\":1}", "{\"id\":2}"});
    settle(*reader);
  }
  sqlite3* database = nullptr;
  REQUIRE(sqlite3_open(path("rows.db").c_str(), &database) == SQLITE_OK);
  REQUIRE(sqlite3_exec(database, "INSERT INTO t VALUES (3)", nullptr, nullptr, nullptr) ==
          SQLITE_OK);
  sqlite3_close(database);
  std::optional<LockedDatabase> locked(path("rows.db"));
  auto reader = start("generate: { count: 1 }");
  CHECK(read(*reader).empty());
  locked.reset();
  const Texts rest = read(*reader);
  REQUIRE(rest.size() == 2);
  CHECK(rest.front() == "{\"id\":3}");
  CHECK(rest.back().find("\"id\":3") == std::string::npos);
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
