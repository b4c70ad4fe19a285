// An sqlite output in a temporary folder, and another program that looks at its database.
#pragma once

#include <sqlite3.h>

#include <memory>
#include <string>

#include "shared/config/yaml.h"
#include "sink/outputs/sqlite.h"
#include "tests/sink/sink_fixture.h"

namespace docmill::test {

// Another program's connection to the same database.
class Other {
 public:
  explicit Other(const std::string& path) {
    REQUIRE(sqlite3_open(path.c_str(), &handle_) == SQLITE_OK);
  }
  ~Other() { sqlite3_close(handle_); }
  Other(const Other&) = delete;
  Other& operator=(const Other&) = delete;

  // The rows: values with their types, one row after the other.
  std::string ask(const std::string& sql) {
    std::string text;
    char* problem = nullptr;
    const auto add = [](void* out, int columns, char** values, char**) {
      for (int i = 0; i < columns; ++i) {
        *static_cast<std::string*>(out) += values[i] == nullptr ? "NULL" : values[i];
        *static_cast<std::string*>(out) += i + 1 == columns ? "\n" : "|";
      }
      return 0;
    };
    const int code = sqlite3_exec(handle_, sql.c_str(), add, &text, &problem);
    if (code != SQLITE_OK) text = problem;
    sqlite3_free(problem);
    return text;
  }

 private:
  sqlite3* handle_ = nullptr;
};

struct SqliteFixture : SinkFixture {
  std::string path() const { return (folder / "out/s1/books.db").string(); }

  Result<std::unique_ptr<Output>> try_open(const std::string& rest) {
    const OutputComponent component = sqlite_output();
    Findings findings;
    const Place place(findings, "test.yaml");
    const auto node =
        parse_yaml("path: " + (folder / "out/{sink}/books.db").string() + "\n" + rest, place);
    const std::any settings = component.schema.parse(*node, place);
    if (!findings.empty()) return config_error(findings.text());
    CHECK(component.database(settings) == folder / "out/{sink}/books.db");
    reopen(path());
    return component.open(settings, context());
  }
  std::unique_ptr<Output> open(const std::string& rest) {
    auto output = try_open(rest);
    INFO((output ? "" : output.error().text));
    REQUIRE(output.ok());
    return std::move(*output);
  }
  // Calls again at once for as long as the error has no text.
  Result<void> try_commit(Output& output, const LedgerFacts& facts = {}) {
    REQUIRE(output.sync().ok());
    Result<void> committed = unavailable("");
    for (int attempt = 0; attempt < 100 && !committed && committed.error().text.empty();
         ++attempt) {
      committed = ledger->commit(
          facts, {}, [&](Transaction& transaction) { output.write(transaction, facts); });
    }
    if (committed) REQUIRE(output.settle().ok());
    return committed;
  }
  void commit(Output& output, const LedgerFacts& facts = {}) {
    const auto committed = try_commit(output, facts);
    INFO((committed ? "" : committed.error().text));
    REQUIRE(committed.ok());
  }
};

inline DocumentView json(std::string_view bytes) { return {Format::kJson, bytes, {}}; }
inline DocumentView xml(std::string_view bytes) { return {Format::kXml, bytes, {}}; }

}  // namespace docmill::test
