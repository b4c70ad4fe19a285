// What the tests of the source `sqlite` share: a database in a folder, and a query of all its rows.
#pragma once

#include <sqlite3.h>

#include "tests/producer/source_fixture.h"

namespace docmill::test {

struct SqliteSourceFixture : SourceFixture {
  SqliteSourceFixture() { REQUIRE(sqlite3_open(path("in.db").c_str(), &handle) == SQLITE_OK); }
  ~SqliteSourceFixture() { sqlite3_close(handle); }

  void run(const std::string& sql) const {
    char* problem = nullptr;
    const int code = sqlite3_exec(handle, sql.c_str(), nullptr, nullptr, &problem);
    INFO((problem == nullptr ? "" : problem));
    REQUIRE(code == SQLITE_OK);
  }
  std::string settings(const std::string& query, const std::string& more = "") const {
    return "path: " + path("in.db") + "\nquery: " + query + "\n" + more;
  }
  std::unique_ptr<Source> source(const std::string& text, const std::string& position = "") {
    auto opened = open(sqlite_source(), text, position);
    INFO((opened ? "" : opened.error().text));
    REQUIRE(opened.ok());
    return std::move(*opened);
  }

  sqlite3* handle = nullptr;
};

inline const std::string kAll = "SELECT * FROM t WHERE id > :cursor ORDER BY id";

}  // namespace docmill::test
