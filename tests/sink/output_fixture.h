// Outputs as a sink runs them: opened by their settings, committed with the ledger.
#pragma once

#include <algorithm>

#include "shared/config/yaml.h"
#include "tests/sink/sink_fixture.h"

namespace docmill::test {

struct OutputFixture : SinkFixture {
  // settings: YAML, in which @ is the folder of the test.
  Result<std::unique_ptr<Output>> try_open(const OutputComponent& component, std::string settings) {
    for (auto at = settings.find('@'); at != settings.npos; at = settings.find('@')) {
      settings.replace(at, 1, folder.string());
    }
    Findings findings;
    const Place place(findings, "test.yaml");
    const auto node = parse_yaml(settings, place);
    REQUIRE(node.has_value());
    const std::any config = component.schema.parse(*node, place);
    INFO(findings.text());
    REQUIRE(findings.empty());
    return component.open(config, context());
  }
  std::unique_ptr<Output> open(const OutputComponent& component, const std::string& settings) {
    auto output = try_open(component, settings);
    INFO((output ? std::string() : output.error().text));
    REQUIRE(output.ok());
    return std::move(*output);
  }
  // The error of an output that must not open, with @ for the folder of the test.
  std::string refusal(const OutputComponent& component, const std::string& settings) {
    const auto output = try_open(component, settings);
    REQUIRE_FALSE(output.ok());
    std::string text = output.error().text;
    for (auto at = text.find(folder.string()); at != text.npos; at = text.find(folder.string())) {
      text.replace(at, folder.string().size(), "@");
    }
    return text;
  }

  static void add(Output& output, std::string_view bytes, Format format = Format::kJson) {
    output.add({}, {format, bytes, {}});
  }
  // As far as a crash may let it come.
  void commit_without_settling(Output& output) {
    const auto synced = output.sync();
    INFO((synced ? std::string() : synced.error().text));
    REQUIRE(synced.ok());
    std::vector<FileMark> marks;
    output.marks(marks);
    REQUIRE(ledger->put(marks).ok());
  }
  void commit(Output& output) {
    commit_without_settling(output);
    const auto settled = output.settle();
    INFO((settled ? std::string() : settled.error().text));
    REQUIRE(settled.ok());
  }
  void stop(std::unique_ptr<Output>& output) {
    if (output->due(Time{}, true)) commit(*output);
    crash(output);
  }
  void crash(std::unique_ptr<Output>& output) {
    output.reset();
    reopen();
  }
  // The names below a folder of the test, sorted.
  std::vector<std::string> names(const std::string& below) const {
    std::vector<std::string> found;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder / below)) {
      if (!entry.is_directory()) {
        found.push_back(entry.path().lexically_relative(folder / below).string());
      }
    }
    std::sort(found.begin(), found.end());
    return found;
  }
  using Names = std::vector<std::string>;
};

}  // namespace docmill::test
