#include "tests/sink/sqlite_fixture.h"

namespace docmill::test {
namespace {

TEST_CASE_METHOD(SqliteFixture, "a table that is made keeps every value with its type") {
  auto output = open("table: books\ncolumns: { n: /n, t: /t, all: $document }");
  for (const char* document :
       {R"({"n":12,"t":"12"})", R"({"n":1.5,"t":true})", R"({"n":-9223372036854775808,"t":null})",
        R"({"n":1e2,"t":[1, "\u00e9"]})", R"({"t":{"a" : 1}})"}) {
    output->add({"p1", 7, 1, 0, 0}, json(document));
  }
  commit(*output);
  Other other(path());
  CHECK(other.ask("SELECT n, typeof(n), t, typeof(t) FROM books") ==
        "12|integer|12|text\n1.5|real|1|integer\n-9223372036854775808|integer|NULL|null\n"
        "100.0|real|[1,\"\\u00e9\"]|text\nNULL|null|{\"a\":1}|text\n");
  CHECK(other.ask("SELECT \"all\" FROM books LIMIT 1") == "{\"n\":12,\"t\":\"12\"}\n");
  CHECK(other.ask("SELECT sql FROM sqlite_schema WHERE name = 'books'") ==
        "CREATE TABLE \"books\" (\"n\", \"t\", \"all\")\n");
}

TEST_CASE_METHOD(SqliteFixture, "of XML the text of the first match is kept, and what is known") {
  auto output = open(
      "table: books\ncolumns: { id: '@id', author: author, none: x, key: $note.key, from: "
      "$source, record: $record, who: $producer, sequence: $sequence, index: $index, part: $part "
      "}");
  DocumentView document = xml("<book id=\"7\"><author>Ada</author><author>Bob</author></book>");
  document.origin = {"in.xml", 3, 100, 5};
  document.notes = R"("key":"b\"7")";
  output->add({"p1", 7, 12, 5, 1}, document);
  commit(*output);
  CHECK(Other(path()).ask("SELECT *, typeof(id) FROM books") ==
        "7|Ada|NULL|b\"7|in.xml|3|p1|12|5|1|text\n");
}

TEST_CASE_METHOD(SqliteFixture, "what no row can be made of is rejected, and the others are not") {
  auto output = open("table: t\ncolumns: { n: /n, v: /v }");
  output->add({"p1", 7, 1, 0, 0}, json(R"({"n":1})"));
  output->add({"p1", 7, 1, 1, 0}, json(R"({"n":9223372036854775808})"));
  output->add({"p1", 7, 1, 2, 0}, json(R"({"n":1,"v":1e999})"));
  output->add({"p1", 7, 1, 3, 0}, {Format::kText, "n", {}});
  output->add({"p1", 7, 1, 4, 0}, json(R"({"n":5})"));
  REQUIRE(output->sync().ok());
  const auto rejected = output->take_rejected();
  REQUIRE(rejected.size() == 3);
  CHECK(rejected[0].number == 1);
  CHECK(rejected[0].reason ==
        "n: expected a whole number of at most 64 bits, found '9223372036854775808'");
  CHECK(rejected[1].number == 2);
  CHECK(rejected[1].reason == "v: expected a number that 64 bits can hold, found '1e999'");
  CHECK(rejected[2].number == 3);
  CHECK(rejected[2].reason ==
        "expected XML or JSON for the paths of the columns, found other bytes");
  commit(*output);
  CHECK(Other(path()).ask("SELECT n FROM t") == "1\n5\n");
  CHECK(output->take_rejected().empty());
}

TEST_CASE_METHOD(SqliteFixture,
                 "what the table does not take is rejected, and the rest committed") {
  std::filesystem::create_directories(folder / "out/s1");
  Other other(path());
  other.ask(
      "CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER NOT NULL CHECK (n < 10), c TEXT "
      "UNIQUE) STRICT");
  auto output = open("table: t\ncolumns: { n: /n, c: /c }");
  for (const char* document : {R"({"n":1,"c":"a"})", R"({"n":10,"c":"b"})", R"({"n":2,"c":"a"})",
                               R"({"c":"c"})", R"({"n":"x","c":"d"})", R"({"n":"3","c":"e"})"}) {
    output->add({"p1", 7, 1, 0, 0}, json(document));
  }
  LedgerFacts facts;
  facts.totals.written = 6;
  commit(*output, facts);
  std::string reasons;
  for (const Rejected& one : output->take_rejected()) {
    reasons += std::to_string(one.number) + ": " + one.reason + "\n";
  }
  CHECK(reasons ==
        "1: CHECK constraint failed: n < 10\n2: UNIQUE constraint failed: t.c\n3: NOT NULL "
        "constraint failed: t.n\n4: cannot store TEXT value in INTEGER column t.n\n");
  CHECK(other.ask("SELECT n, c FROM t") == "1|a\n3|e\n");
  CHECK(ledger->state()->totals.written == 6);  // for the sink to correct
}

TEST_CASE_METHOD(SqliteFixture, "a row never replaces one of a later document with its key") {
  const std::string settings = "table: t\ncolumns: { id: /id, v: /v }\nkey: id";
  auto output = open(settings);
  const auto put = [&](DocumentId id, const char* value) {
    const std::string document = std::string(R"({"id":"k","v":")") + value + "\"}";
    output->add(id, json(document));
    commit(*output);
    return Other(path()).ask("SELECT v FROM t");
  };
  CHECK(put({"p1", 7, 5, 2, 0}, "5.2") == "5.2\n");
  CHECK(put({"p1", 7, 4, 9, 0}, "4.9") == "5.2\n");
  CHECK(put({"p1", 7, 5, 1, 9}, "5.1") == "5.2\n");
  output.reset();
  output = open(settings);
  CHECK(put({"p1", 7, 5, 1, 9}, "5.1 again") == "5.2\n");
  CHECK(put({"p1", 7, 5, 2, 1}, "5.2.1") == "5.2.1\n");
  CHECK(put({"p2", 1, 1, 0, 0}, "of another producer") == "of another producer\n");
  CHECK(put({"p1", 7, 5, 2, 0}, "5.2 late") == "of another producer\n");
  CHECK(put({"p1", 8, 1, 0, 0}, "of a later epoch") == "of a later epoch\n");
  output->add({"p1", 8, 2, 0, 0}, json(R"({"v":"no key"})"));
  commit(*output);
  const auto rejected = output->take_rejected();
  REQUIRE(rejected.size() == 1);
  CHECK(rejected[0].reason == "expected a key, found none in the document");

  // Which documents the keys have is forgotten with what may still come.
  Other other(path());
  CHECK(other.ask("SELECT count(*) FROM docmill_versions_t_id") == "2\n");
  LedgerFacts facts;
  facts.marks = {{{"p1", 8}, {1, 1}, 1}};
  facts.closed = {{"p2", 1}};
  commit(*output, facts);
  CHECK(other.ask("SELECT count(*) FROM docmill_versions_t_id") == "0\n");
  CHECK(other.ask("SELECT * FROM t") == "k|of a later epoch\n");
}

}  // namespace
}  // namespace docmill::test
