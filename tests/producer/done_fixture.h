// What the tests of `when_done` share: a folder of inputs, and what has become of them.
#pragma once

#include <set>
#include <sstream>
#include <string>

#include "tests/producer/source_fixture.h"

namespace docmill::test {

struct DoneFixture : SourceFixture {
  DoneFixture() {
    for (const char* name : {"in", "claims"}) std::filesystem::create_directory(path(name));
  }

  std::string settings(const std::string& more) const {
    return "{path: '" + path("in") + "/*.txt', " + more + "}";
  }
  std::string move() const { return "when_done: move, move_to: '" + path("done") + "'"; }
  std::unique_ptr<Source> files(const std::string& more, const std::string& position = "") {
    auto source = open(files_source(), settings(more), position);
    INFO((source ? "" : source.error().text));
    REQUIRE(source.ok());
    return std::move(*source);
  }
  static void settle(Source& source, const std::string& position) {
    const auto settled = source.settled(position);
    INFO((settled ? "" : settled.error().text));
    REQUIRE(settled.ok());
  }
  std::string content(const std::string& name) const {
    std::ostringstream bytes;
    bytes << std::ifstream(path(name), std::ios::binary).rdbuf();
    return bytes.str();
  }
  // "a.txt b.txt": the names in a folder.
  std::string names(const std::string& in) const {
    std::set<std::string> sorted;
    for (const auto& entry : std::filesystem::directory_iterator(path(in))) {
      sorted.insert(entry.path().filename());
    }
    std::string text;
    for (const std::string& name : sorted) text += (text.empty() ? "" : " ") + name;
    return text;
  }
  Result<std::unique_ptr<Source>> open_on(SourceCatalog& rows, const std::string& yaml,
                                          const std::string& position = "") {
    Findings findings;
    const Place place(findings, "settings");
    const SourceComponent component = files_source();
    const std::any parsed = component.schema.parse(*parse_yaml(yaml, place), place);
    REQUIRE(findings.empty());
    return component.open(parsed, {producer, position, limits, reading, rows, clock, log, epoch});
  }
};

}  // namespace docmill::test
