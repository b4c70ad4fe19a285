#include "shared/config/component.h"

#include "shared/config/routed_output.h"
#include "shared/config/yaml.h"
#include "tests/config/catalog.h"
#include "tests/support/catch.h"

namespace docmill::test {
namespace {

struct Case {
  std::string yaml;
  std::string findings;
};

std::optional<Component> read(std::string_view yaml, const ComponentSet* set, Findings& findings) {
  const Place place(findings, "a.yaml");
  const auto node = parse_yaml(yaml, place);
  return node ? read_component(*node, place, set) : std::nullopt;
}

TEST_CASE("A component is chosen by its key and holds its settings") {
  const Catalog catalog;
  Findings findings;
  const auto set = read("\nset: { path: price, value: '12.00' }\n", &catalog.processors, findings);
  REQUIRE(set.has_value());
  CHECK(findings.text() == "");
  CHECK(set->key == "set");
  CHECK(set->line == 2);
  CHECK(std::any_cast<SetConfig>(set->config).value == "12.00");
  CHECK(set->canonical == R"({"set": {"path": "price", "value": "12.00"}})");
}

TEST_CASE("A component without settings is its key alone") {
  const Catalog catalog;
  for (const std::string yaml : {"to_json", "to_json:", "to_json: {}"}) {
    Findings findings;
    const auto component = read(yaml, &catalog.processors, findings);
    REQUIRE(component.has_value());
    CHECK(component->canonical == R"({"to_json": {}})");
    CHECK(std::any_cast<ToJsonConfig>(component->config).force_list.empty());
  }
}

TEST_CASE("Without a set any component is taken by its shape") {
  Findings findings;
  const auto component = read("anything: { at: all }", nullptr, findings);
  REQUIRE(component.has_value());
  CHECK(findings.text() == "");
  CHECK_FALSE(component->config.has_value());
  CHECK(component->canonical == R"({"anything": {"at": "all"}})");
}

TEST_CASE("What all outputs have stands beside the settings of each") {
  const Catalog catalog;
  Findings findings;
  const auto output = read("ndjson: { path: a, route: [x, y] }", &catalog.outputs, findings);
  REQUIRE(output.has_value());
  CHECK(findings.text() == "");
  const auto& settings = std::any_cast<const RoutedOutput&>(output->config);
  CHECK(std::any_cast<NdjsonConfig>(settings.own).path == "a");
  CHECK(routes_of(*output) == std::vector<std::string>{"x", "y"});
  CHECK(routes_of(*read("ndjson: { path: a, route: x }", &catalog.outputs, findings)) ==
        std::vector<std::string>{"x"});
  CHECK(routes_of(*read("ndjson: { path: a }", &catalog.outputs, findings)).empty());

  const std::vector<Case> cases = {
      {.yaml = "ndjson: { path: a, rout: x }",
       .findings = "ndjson.rout: unknown field; did you mean 'route'?"},
      {.yaml = "ndjson: { pth: a, route: x }",
       .findings = "ndjson.pth: unknown field; did you mean 'path'?\n"
                   "a.yaml:1: ndjson.path: missing, and required; for example 'path: "
                   "out/books.ndjson'"},
      {.yaml = "ndjson: { path: a, route: x, route: y }",
       .findings = "ndjson.route: given twice, first in line 1; keep one of them"},
      {.yaml = "ndjson: { path: a, route: [] }",
       .findings = "ndjson.route: must name at least one route, got none; without 'route' the "
                   "output takes everything"},
      {.yaml = "ndjson: { path: a, route: { a: b } }",
       .findings = "ndjson.route: must be a list, got a mapping; begin each entry with '- '"},
      {.yaml = "ndjson: [a]", .findings = "ndjson: must be a mapping of fields, got a list"},
  };
  for (const Case& test : cases) {
    Findings found;
    read(test.yaml, &catalog.outputs, found);
    CHECK(found.text() == "a.yaml:1: " + test.findings + "\n");
  }
}

TEST_CASE("What names no component is found") {
  const Catalog catalog;
  const std::vector<Case> cases = {
      {.yaml = "fiels: {}", .findings = "fiels: unknown source; did you mean 'files'?"},
      {.yaml = "kafka: {}", .findings = "kafka: unknown source; known are files, generate"},
      {.yaml = "files: {}",
       .findings = "files.path: missing, and required; for example 'path: incoming/*.xml'"},
      {.yaml = "{}", .findings = "must be one source (files or generate), got none"},
      {.yaml = "", .findings = "must be one source (files or generate), got nothing"},
      {.yaml = "[files]", .findings = "must be one source (files or generate), got a list"},
      {.yaml = "{ files: a, generate: {} }",
       .findings = "must be one source (files or generate), got 'files' and 'generate'"},
  };
  for (const Case& test : cases) {
    Findings findings;
    read(test.yaml, &catalog.sources, findings);
    CHECK(findings.text() == "a.yaml:1: " + test.findings + "\n");
  }
}

TEST_CASE("The canonical text ignores layout, comments and order, and reads back to the same") {
  const Catalog catalog;
  Findings findings;
  const auto one = read("set: { path: price, value: '12.00' }", &catalog.processors, findings);
  const auto two = read("# why\nset:\n  value: 12.00  # here\n  path: \"price\"\n",
                        &catalog.processors, findings);
  REQUIRE(one.has_value());
  REQUIRE(two.has_value());
  CHECK(one->canonical == two->canonical);
  const Result<Component> again = parse_component(one->canonical, catalog.processors);
  REQUIRE(again.ok());
  CHECK(again->canonical == one->canonical);
  CHECK(std::any_cast<SetConfig>(again->config).path == "price");
}

TEST_CASE("A canonical text that the set does not take is an error with all findings") {
  const Catalog catalog;
  CHECK(parse_component(R"({"set": {"pth": "a"}})", catalog.processors).error() ==
        config_error("processor:1: set.pth: unknown field; did you mean 'path'?; "
                     "processor:1: set.path: missing, and required; for example 'path: price'; "
                     "processor:1: set.value: missing, and required; for example 'value: 12.00'"));
  CHECK(parse_components(R"({"set": {}})", catalog.processors).error() ==
        config_error("processors:1: must be a list, got a mapping"));
}

}  // namespace
}  // namespace docmill::test
