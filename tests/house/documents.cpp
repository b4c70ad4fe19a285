#include <fmt/format.h>

#include <algorithm>
#include <regex>

#include "tests/house/rules.h"

namespace docmill::house {
namespace {

using Iterator = std::regex_iterator<std::string_view::const_iterator>;

// The targets of the Makefile.
std::set<std::string> verbs_of(const Tree& tree) {
  static const std::regex kTarget(R"(^([a-z][a-z_-]*):([^=].*)?$)");
  std::set<std::string> verbs;
  const auto makefile = tree.find("Makefile");
  if (makefile == tree.end()) return verbs;
  for (const std::string_view line : lines_of(makefile->second)) {
    std::match_results<std::string_view::const_iterator> match;
    if (std::regex_match(line.begin(), line.end(), match, kTarget)) verbs.insert(match[1].str());
  }
  return verbs;
}

struct Document {
  const Tree& tree;
  const std::string& path;
  const std::set<std::string>& verbs;
  Findings& findings;
};

void check_links(const Document& document, std::size_t number, std::string_view line) {
  static const std::regex kLink(R"(\]\(\s*([^)\s#]+)[^)]*\))");
  static const std::regex kElsewhere(R"([a-z]+:.*)");
  for (auto at = Iterator(line.begin(), line.end(), kLink); at != Iterator(); ++at) {
    const std::string target = (*at)[1].str();
    if (std::regex_match(target, kElsewhere)) continue;
    const std::filesystem::path from = folder_of(document.path);
    if (!exists(document.tree, from / target)) {
      document.findings.push_back(
          {document.path, number, fmt::format("link to {}: there is no such file", target)});
    }
  }
}

// In a block a command stands at the start of a line; in prose it stands in backquotes.
void check_verbs(const Document& document, std::size_t number, std::string_view line,
                 bool in_block) {
  static const std::regex kInBlock(R"((?:^\s*(?:\$ )?|[;&|] *)make ([a-z][a-z_-]*))");
  static const std::regex kInProse(R"(`make ([a-z][a-z_-]*))");
  const std::regex& command = in_block ? kInBlock : kInProse;
  for (auto at = Iterator(line.begin(), line.end(), command); at != Iterator(); ++at) {
    const std::string verb = (*at)[1].str();
    if (!document.verbs.contains(verb)) {
      document.findings.push_back(
          {document.path, number, fmt::format("make {}: the Makefile has no such verb", verb)});
    }
  }
}

// Code in prose is no link.
std::string without_code(std::string_view line) {
  static const std::regex kCode("`[^`]*`");
  return std::regex_replace(std::string(line), kCode, "");
}

// C++ in a document is compiled by somebody: it stands in a test, word for word.
bool stands_in_a_test(const Tree& tree, std::string_view code) {
  return std::any_of(tree.begin(), tree.end(), [code](const auto& file) {
    return file.first.starts_with("tests/") && file.first.ends_with("_test.cpp") &&
           file.second.find(code) != std::string::npos;
  });
}

void check_code(const Document& document, std::string_view content) {
  constexpr std::string_view kBegin = "\n```cpp\n";
  std::size_t at = content.find(kBegin);
  while (at != content.npos) {
    const std::size_t begin = at + kBegin.size();
    const std::size_t end = content.find("\n```", begin);
    const std::string_view code = content.substr(begin, end - begin);
    if (!stands_in_a_test(document.tree, code)) {
      const auto lines =
          std::count(content.begin(), content.begin() + static_cast<long>(begin), '\n');
      document.findings.push_back({document.path, static_cast<std::size_t>(lines),
                                   "this C++ stands in no test; put it into one, word for word"});
    }
    at = content.find(kBegin, begin);
  }
}

}  // namespace

Findings check_documents(const Tree& tree) {
  Findings findings;
  const std::set<std::string> verbs = verbs_of(tree);
  if (!tree.contains("CHANGELOG.md")) {
    findings.push_back({"CHANGELOG.md", 1, "there must be a changelog"});
  }
  for (const auto& [path, content] : tree) {
    if (!path.ends_with(".md")) continue;
    const Document document{tree, path, verbs, findings};
    check_code(document, content);
    bool in_block = false;
    std::size_t number = 0;
    for (const std::string_view line : lines_of(content)) {
      ++number;
      const std::size_t first = line.find_first_not_of(' ');
      if (first != std::string_view::npos && line.substr(first).starts_with("```")) {
        in_block = !in_block;
        continue;
      }
      if (!in_block) check_links(document, number, without_code(line));
      check_verbs(document, number, line, in_block);
    }
  }
  return findings;
}

}  // namespace docmill::house
