#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <regex>

#include "tests/house/rules.h"

namespace docmill::house {
namespace {

constexpr std::array<std::string_view, 3> kFolders = {"producer/sources", "transformer/processors",
                                                      "sink/outputs"};

struct Factory {
  std::size_t line;
  std::string name;
};

// "OutputComponent ndjson_output()": declared or defined at the start of a line.
std::vector<Factory> factories_of(std::string_view content) {
  static const std::regex kFactory(R"((?:inline )?\w+Component (\w+)\(.*)");
  std::vector<Factory> found;
  std::size_t number = 0;
  for (const std::string_view line : lines_of(content)) {
    ++number;
    std::match_results<std::string_view::const_iterator> match;
    if (std::regex_match(line.begin(), line.end(), match, kFactory)) {
      found.push_back({number, match[1].str()});
    }
  }
  return found;
}

// A test names the function or the header of the component, or is named after it.
bool is_tested(const Tree& tree, const std::string& path, const std::string& factory) {
  const std::string header = fmt::format("\"{}/{}.h\"", folder_of(path), stem_of(path));
  return std::any_of(tree.begin(), tree.end(), [&](const auto& file) {
    const auto& [test, content] = file;
    return test.starts_with("tests/") && test.ends_with("_test.cpp") &&
           (stem_of(test).starts_with(stem_of(path) + "_") ||
            content.find(factory) != std::string::npos ||
            content.find(header) != std::string::npos);
  });
}

bool is_included(const Tree& tree, const std::string& header) {
  return std::any_of(tree.begin(), tree.end(), [&](const auto& file) {
    return stem_of(file.first) != stem_of(header) && is_cpp(file.first) &&
           file.second.find("#include \"" + header + "\"") != std::string::npos;
  });
}

void check_component(const Tree& tree, const std::string& path, Findings& findings) {
  const std::string header = fmt::format("{}/{}.h", folder_of(path), stem_of(path));
  const std::string catalog = folder_of(folder_of(path)) + "/catalog.cpp";
  const auto catalog_file = tree.find(catalog);
  const std::vector<Factory> factories = factories_of(tree.at(path));
  if (factories.empty() && !is_included(tree, header)) {
    findings.push_back({path, 1, "makes no component and nobody includes its header"});
  }
  for (const Factory& factory : factories) {
    if (catalog_file == tree.end() ||
        catalog_file->second.find(factory.name + "(") == std::string::npos) {
      findings.push_back(
          {path, factory.line, fmt::format("{} is missing in {}", factory.name, catalog)});
    }
    if (!is_tested(tree, path, factory.name)) {
      findings.push_back({path, factory.line,
                          fmt::format("{} has no test; tests/{}/{}_test.cpp is its place",
                                      factory.name, folder_of(folder_of(path)), stem_of(path))});
    }
  }
}

}  // namespace

Findings check_components(const Tree& tree) {
  Findings findings;
  for (const auto& [path, content] : tree) {
    if (path.ends_with(".cpp") && std::count(kFolders.begin(), kFolders.end(), folder_of(path))) {
      check_component(tree, path, findings);
    }
  }
  return findings;
}

}  // namespace docmill::house
