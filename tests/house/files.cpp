#include <fmt/format.h>

#include "tests/house/rules.h"

namespace docmill::house {
namespace {

constexpr std::size_t kMostLines = 299;

bool is_code(std::string_view path) {
  const std::string name = std::filesystem::path(path).filename().string();
  const bool script = path.starts_with("scripts/") || path.starts_with(".ci/");
  return is_cpp(path) || path.ends_with(".py") || path.ends_with(".cmake") || script ||
         name == "CMakeLists.txt" || name == "Makefile";
}

}  // namespace

Findings check_lengths(const Tree& tree) {
  Findings findings;
  for (const auto& [path, content] : tree) {
    const std::size_t lines = is_code(path) ? lines_of(content).size() : 0;
    if (lines > kMostLines) {
      findings.push_back({path, kMostLines + 1,
                          fmt::format("{} lines, must be at most {}: it holds more than one noun",
                                      lines, kMostLines)});
    }
  }
  return findings;
}

Findings check_headers(const Tree& tree) {
  Findings findings;
  for (const auto& [path, content] : tree) {
    if (!is_header(path)) continue;
    if (!content.starts_with("// ")) {
      findings.push_back({path, 1, "a header begins with a comment that says what it is"});
    }
    bool once = false;
    std::size_t number = 0;
    for (const std::string_view line : lines_of(content)) {
      ++number;
      once = once || line == "#pragma once";
      const std::size_t first = line.find_first_not_of(' ');
      if (first != std::string_view::npos && line.substr(first).starts_with("using namespace ")) {
        findings.push_back({path, number, "a header must not open a namespace for its includers"});
      }
    }
    if (!once) findings.push_back({path, 1, "a header needs #pragma once"});
  }
  return findings;
}

}  // namespace docmill::house
