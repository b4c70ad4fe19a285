// `docmill run` and the files of others, or of many: what it says of them, and what it leaves
// alone.
#include <algorithm>

#include "tests/cli/program.h"
#include "tests/store/temp_folder.h"
#include "tests/support/catch.h"

namespace docmill::test {
namespace {

std::string pipeline(const std::string& source, const std::string& output) {
  return "pipeline: test\nproducer: { source: " + source + " }\nsink:\n  outputs: [ " + output +
         " ]\n  dead_letters: out/dead\n";
}

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST_CASE("A folder of documents is called so at the end of a run, with what is in it") {
  const TempFolder folder;
  write_file(folder / "in.txt", "12345678\n12345678\n");
  write_file(folder / "a.yaml", pipeline("{ lines: { path: in.txt, format: text } }",
                                         "documents: { path: \"out/books/{record}.txt\" }"));
  const Outcome run = docmill(folder.path(), {"run", "a.yaml"});
  INFO(run.err);
  CHECK(run.code == 0);
  CHECK(holds(run.out, "\nout/books/, a file for each document: 92 B with their names\n"));
  CHECK(!holds(run.out, ".docmill-"));
}

TEST_CASE(
    "A database that was an output and is read now stays where it is when a run starts over") {
  const TempFolder folder;
  write_file(folder / "a.yaml",
             pipeline("{ generate: { count: 5 } }",
                      "sqlite: { path: books.db, table: books, columns: { d: $document } }"));
  CHECK(docmill(folder.path(), {"run", "a.yaml"}).code == 0);
  write_file(
      folder / "a.yaml",
      pipeline("{ sqlite: { path: ./books.db, query: \"SELECT rowid AS id, d FROM books WHERE "
               "rowid > :cursor ORDER BY rowid\", cursor: id, poll: 0s } }",
               "ndjson: { path: out/a.ndjson }"));
  const Outcome fresh = docmill(folder.path(), {"run", "a.yaml", "--fresh"});
  INFO(fresh.err);
  CHECK(fresh.code == 0);
  CHECK(holds(fresh.err, "books.db: stays where it is, the source reads it\nmoved "));
  CHECK(lines_of({folder / "out/a.ndjson"}).size() == 5);
}

}  // namespace
}  // namespace docmill::test
