#include "tests/conformance/suite.h"

#include <fmt/format.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <pugixml.hpp>
#include <string_view>

namespace docmill::conformance {
namespace {

[[noreturn]] void give_up(const std::string& text) {
  fmt::print(stderr, "conformance: {}; scripts/test-data fetches the suite\n", text);
  std::exit(2);
}

void read_cases(const pugi::xml_node& group, const std::string& folder,
                std::vector<SuiteCase>& cases) {
  const std::string base = folder + group.attribute("xml:base").value();
  for (const pugi::xml_node& node : group.children()) {
    if (std::string_view(node.name()) == "TESTCASES") read_cases(node, base, cases);
    if (std::string_view(node.name()) != "TEST") continue;
    SuiteCase& test = cases.emplace_back();
    test.id = node.attribute("ID").value();
    test.type = node.attribute("TYPE").value();
    test.recommendation = node.attribute("RECOMMENDATION").as_string("XML1.0");
    test.edition = node.attribute("EDITION").value();
    test.namespaces = std::string_view(node.attribute("NAMESPACE").value()) != "no";
    const std::string_view version = node.attribute("VERSION").value();
    test.version_1_1 =
        version == "1.1" || (version.empty() && test.recommendation.ends_with("1.1"));
    test.bytes = read_file(base + node.attribute("URI").value());
    const pugi::xml_attribute output = node.attribute("OUTPUT");
    if (output) test.output = read_file(base + output.value());
  }
}

// From after the opening quote or markup to after its end; npos when it does not end.
std::size_t after(const std::string& bytes, std::size_t from, std::string_view terminator) {
  const std::size_t at = bytes.find(terminator, from);
  return at == bytes.npos ? at : at + terminator.size();
}

}  // namespace

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) give_up(path + " cannot be read");
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

std::string without_doctype(const std::string& bytes) {
  const std::size_t begin = bytes.find("<!DOCTYPE");
  if (begin == bytes.npos) return bytes;
  bool inner = false;
  std::size_t at = begin + 9;
  while (at < bytes.size()) {
    const std::string_view rest = std::string_view(bytes).substr(at);
    if (rest[0] == '"' || rest[0] == '\'') {
      at = after(bytes, at + 1, rest.substr(0, 1));
    } else if (rest.starts_with("<!--")) {
      at = after(bytes, at + 4, "-->");
    } else if (rest.starts_with("<?")) {
      at = after(bytes, at + 2, "?>");
    } else if (rest[0] == '>' && !inner) {
      return bytes.substr(0, begin) + bytes.substr(at + 1);
    } else {
      if (rest[0] == '[') inner = true;
      if (rest[0] == ']') inner = false;
      ++at;
    }
  }
  return bytes;
}

std::vector<SuiteCase> read_suite(const std::string& folder) {
  pugi::xml_document catalog;
  const std::string path = folder + "/cleaned/xmlconf-flattened.xml";
  if (!catalog.load_file(path.c_str())) give_up(path + " is not the catalog of the suite");
  std::vector<SuiteCase> cases;
  read_cases(catalog.child("TESTSUITE"), folder + "/xmlconf/", cases);
  constexpr std::size_t kCases = 2585;
  if (cases.size() != kCases) {
    give_up(fmt::format("expected {} documents in {}, found {}", kCases, path, cases.size()));
  }
  return cases;
}

}  // namespace docmill::conformance
