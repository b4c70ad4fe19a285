// What the sink's tests share: a state folder with a ledger in a temporary folder, and a log that
// keeps its lines.
#pragma once

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "sink/output_context.h"
#include "tests/support/catch.h"
#include "tests/support/real_disk.h"

namespace docmill::test {

class LinesLog final : public Log {
 public:
  void write(LogLevel, std::string_view text) override { lines.emplace_back(text); }
  std::vector<std::string> lines;
};

struct SinkFixture {
  SinkFixture() {
    std::string name = (std::filesystem::temp_directory_path() / "docmill-sink-XXXXXX").string();
    folder = ::mkdtemp(name.data());
  }
  ~SinkFixture() {
    close();
    std::filesystem::remove_all(folder);
  }

  void close() {
    ledger.reset();
    state.reset();
  }
  // database: where an output has the ledger.
  void reopen(const std::string& database = {}) {
    close();
    auto locked = StateFolder::open(real_disk(), folder / "state", "s1");
    REQUIRE(locked.ok());
    state = std::make_unique<StateFolder>(std::move(*locked));
    auto opened = LedgerStore::open(*state, database);
    INFO((opened ? "" : opened.error().text));
    REQUIRE(opened.ok());
    ledger = std::make_unique<LedgerStore>(std::move(*opened));
  }
  OutputContext context() {
    if (!ledger) reopen();
    return {"s1", *ledger, log};
  }
  std::string read(const std::string& name) const {
    std::ifstream file(folder / name, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  std::filesystem::path folder;
  std::unique_ptr<StateFolder> state;
  std::unique_ptr<LedgerStore> ledger;
  LinesLog log;
};

}  // namespace docmill::test
