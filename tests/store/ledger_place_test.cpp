#include "shared/store/ledger_place.h"

#include <fmt/format.h>

#include "shared/store/ledger_store.h"
#include "tests/store/print.h"
#include "tests/store/temp_folder.h"
#include "tests/support/real_disk.h"

namespace docmill {
namespace {

StateFolder locked(const TempFolder& folder, const std::string& name = "s1") {
  auto opened = StateFolder::open(real_disk(), folder / "state", name);
  REQUIRE(opened.ok());
  return std::move(*opened);
}

TEST_CASE("a ledger is found again in the database that it was made in") {
  const TempFolder folder;
  const std::string path = folder / "out/books.db";
  const StateFolder state = locked(folder);
  CHECK_FALSE(LedgerPlace(real_disk(), state.path()).exists());
  std::uint64_t id = 0;
  {
    auto ledger = LedgerStore::open(state, path);
    REQUIRE(ledger.ok());
    id = ledger->state()->id;
    CHECK(ledger->shared_database() == path);
    REQUIRE(ledger->open_file(folder / "dead.ndjson").ok());
  }
  CHECK(LedgerPlace(real_disk(), state.path()).exists());
  CHECK_FALSE(std::filesystem::exists(state.path() / "ledger.db"));
  auto again = LedgerStore::open(state);
  REQUIRE(again.ok());
  CHECK(again->state()->id == id);
  CHECK(again->marks().value() == std::vector<FileMark>{{folder / "dead.ndjson", 0}});
}

TEST_CASE("a ledger that is elsewhere than expected is refused, and not made anew") {
  const TempFolder folder;
  const StateFolder own = locked(folder, "s1");
  REQUIRE(LedgerStore::open(own, "").ok());
  const auto moved = LedgerStore::open(own, folder / "out/s1.db");
  REQUIRE_FALSE(moved.ok());
  CHECK(moved.error() ==
        config_error(fmt::format("{0}: expected this sink's ledger in {1}, found that it is in "
                                 "{0}/ledger.db; let the output that it belongs to stay as it was, "
                                 "or start over with --fresh",
                                 folder / "state/s1", folder / "out/s1.db")));
  CHECK_FALSE(std::filesystem::exists(folder / "out/s1.db"));

  const StateFolder shared = locked(folder, "s2");
  REQUIRE(LedgerStore::open(shared, folder / "out/s2.db").ok());
  for (const std::string& wanted : {std::string(), folder / "out/other.db"}) {
    const auto refused = LedgerStore::open(shared, wanted);
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error().code == ErrorCode::kConfig);
  }
  CHECK_FALSE(std::filesystem::exists(shared.path() / "ledger.db"));
}

TEST_CASE("the ledger of another sink in the same database is refused") {
  const TempFolder folder;
  const std::string path = folder / "books.db";
  REQUIRE(LedgerStore::open(locked(folder, "s1"), path).ok());
  const auto other = LedgerStore::open(locked(folder, "s2"), path);
  REQUIRE_FALSE(other.ok());
  CHECK(other.error() ==
        config_error(path + ": expected the ledger of sink s2, found that of s1; give each sink "
                            "its own file, with {sink} in its path"));
}

TEST_CASE("the ledger of another pipeline in the same database is refused, and stays usable") {
  const TempFolder folder;
  const std::string path = folder / "books.db";
  const auto start = [&](const std::string& state, const std::string& pipeline) {
    auto opened = StateFolder::open(real_disk(), folder / state, "s1");
    REQUIRE(opened.ok());
    REQUIRE(opened->belong_to(pipeline).ok());
    auto ledger = LedgerStore::open(*opened, path);
    return ledger ? Result<std::uint64_t>(ledger->state()->id) : ledger.error();
  };
  const auto first = start("a", "a");
  REQUIRE(first.ok());
  for (const char* pipeline : {"b", "a"}) {
    const auto other = start("b" + std::string(pipeline), pipeline);
    REQUIRE_FALSE(other.ok());
    CHECK(
        other.error() ==
        config_error(fmt::format(
            "{}: expected no ledger, as {} is new, found that of sink s1 of pipeline 'a' with its "
            "state in {}; give each pipeline a database of its own",
            path, folder / ("b" + std::string(pipeline) + "/s1"), folder / "a/s1")));
  }
  CHECK(start("a", "a").value() == *first);
}

TEST_CASE("an empty file that the ledger does not know is another's, and is left alone") {
  const TempFolder folder;
  auto first = LedgerStore::open(locked(folder, "s1"), "");
  auto second = LedgerStore::open(locked(folder, "s2"), "");
  REQUIRE((first.ok() && second.ok()));
  const std::string path = folder / "dead.ndjson";
  { REQUIRE(first->open_file(path).ok()); }
  const auto refused = second->open_file(path);
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error() ==
        corrupt(path + ": an empty file that this sink's ledger does not know; put back the state "
                       "folder that it belongs to, or move it away"));
  CHECK(first->open_file(path).ok());
}

TEST_CASE("a state folder of another pipeline is refused until its name is removed") {
  const TempFolder folder;
  {
    auto state = StateFolder::open(real_disk(), folder / "state", "p1");
    REQUIRE(state.ok());
    CHECK(state->belong_to("a").ok());
  }
  auto state = StateFolder::open(real_disk(), folder / "state", "p1");
  REQUIRE(state.ok());
  CHECK(state->pipeline() == "a");
  CHECK(state->belong_to("a").ok());
  CHECK(state->belong_to("b").error() ==
        config_error(fmt::format(
            "{0}: expected the state of pipeline 'b', found that of 'a'; give each pipeline a "
            "'state' of its own or, if this one was renamed, remove {0}/pipeline",
            folder / "state/p1")));
  std::filesystem::remove(folder / "state/p1/pipeline");
  auto renamed = [&] {
    state = Result<StateFolder>(config_error(""));
    return StateFolder::open(real_disk(), folder / "state", "p1");
  }();
  REQUIRE(renamed.ok());
  CHECK(renamed->belong_to("b").ok());
}

TEST_CASE("what a table does not take is handed back, and the transaction goes on without it") {
  const TempFolder folder;
  auto database = Database::open_shared(real_disk(), folder / "x.db");
  REQUIRE(database.ok());
  std::vector<Result<void>> results;
  const auto done = database->transaction([&](Transaction& transaction) {
    transaction.run_script("CREATE TABLE t (a INTEGER PRIMARY KEY CHECK (a < 3)) STRICT; ");
    for (const SqlValue& value :
         {SqlValue(std::uint64_t{1}), SqlValue(std::uint64_t{1}), SqlValue(std::uint64_t{3}),
          SqlValue(std::string_view("x")), SqlValue(1.5), SqlValue(std::uint64_t{2})}) {
      const std::vector<SqlValue> values = {value};
      results.push_back(transaction.attempt("INSERT INTO t VALUES (?)", values));
    }
  });
  REQUIRE(done.ok());
  REQUIRE(results.size() == 6);
  CHECK(results[0].ok());
  CHECK(results[1].error() == malformed("UNIQUE constraint failed: t.a"));
  CHECK(results[2].error() == malformed("CHECK constraint failed: a < 3"));
  CHECK(results[3].error() == malformed("datatype mismatch"));
  CHECK(results[4].error() == malformed("datatype mismatch"));
  CHECK(results[5].ok());
  std::uint64_t rows = 0;
  REQUIRE(database
              ->transaction([&](Transaction& transaction) {
                transaction.read("SELECT count(*) FROM t",
                                 [&](const SqlRow& row) { rows = row.number(0); });
              })
              .ok());
  CHECK(rows == 2);
  // Where the table rolls everything back, a part would be committed as if it were all.
  const auto rolled = database->transaction([&](Transaction& transaction) {
    transaction.run_script("CREATE TABLE r (a UNIQUE ON CONFLICT ROLLBACK)");
    transaction.run("INSERT INTO r VALUES (1)");
    const std::vector<SqlValue> values = {std::uint64_t{1}};
    CHECK(transaction.attempt("INSERT INTO r VALUES (?)", values).error() ==
          malformed("UNIQUE constraint failed: r.a"));
  });
  REQUIRE_FALSE(rolled.ok());
  CHECK(rolled.error() == unavailable(""));
}

}  // namespace
}  // namespace docmill
