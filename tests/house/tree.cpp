#include "tests/house/tree.h"

#include <fmt/format.h>

#include <fstream>
#include <iterator>
#include <regex>

namespace docmill::house {
namespace {

namespace fs = std::filesystem;

bool ignored(const fs::path& relative) {
  static const std::set<std::string> kAnywhere = {".git", "build", "__pycache__"};
  static const std::set<std::string> kTopLevel = {"state", "out"};
  return kAnywhere.contains(relative.filename().string()) || kTopLevel.contains(relative.string());
}

}  // namespace

Tree read_tree(const fs::path& root) {
  Tree tree;
  for (auto at = fs::recursive_directory_iterator(root); at != fs::end(at); ++at) {
    const fs::path relative = at->path().lexically_relative(root);
    if (ignored(relative)) {
      if (at->is_directory()) at.disable_recursion_pending();
      continue;
    }
    if (at->is_symlink() || !at->is_regular_file()) continue;
    std::ifstream file(at->path(), std::ios::binary);
    std::string content((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    if (content.find('\0') == std::string::npos) tree[relative.string()] = std::move(content);
  }
  return tree;
}

std::string to_string(const Findings& findings) {
  std::string text;
  for (const Finding& finding : findings) {
    text += fmt::format("{}:{}: {}\n", finding.path, finding.line, finding.text);
  }
  return text;
}

std::vector<std::string_view> lines_of(std::string_view content) {
  std::vector<std::string_view> lines;
  while (!content.empty()) {
    const std::size_t end = content.find('\n');
    lines.push_back(content.substr(0, end));
    content.remove_prefix(end == std::string_view::npos ? content.size() : end + 1);
  }
  return lines;
}

bool is_header(std::string_view path) { return path.ends_with(".h"); }
bool is_cpp(std::string_view path) { return is_header(path) || path.ends_with(".cpp"); }
std::string folder_of(std::string_view path) { return fs::path(path).parent_path().string(); }
std::string stem_of(std::string_view path) { return fs::path(path).stem().string(); }

bool exists(const Tree& tree, const fs::path& path) {
  std::string normal = path.lexically_normal().string();
  if (normal.ends_with('/')) normal.pop_back();
  if (normal == "." || tree.contains(normal)) return true;
  const auto below = tree.lower_bound(normal + "/");
  return below != tree.end() && below->first.starts_with(normal + "/");
}

std::vector<Include> includes_of(std::string_view content) {
  static const std::regex kDirective(R"re(^\s*#\s*include\s*(["<])([^">]+)[">].*)re");
  std::vector<Include> found;
  std::size_t number = 0;
  for (const std::string_view line : lines_of(content)) {
    ++number;
    if (line.find("include") == std::string_view::npos) continue;
    std::match_results<std::string_view::const_iterator> match;
    if (std::regex_match(line.begin(), line.end(), match, kDirective)) {
      found.push_back({.line = number, .name = match[2].str(), .quoted = match[1] == "\""});
    }
  }
  return found;
}

}  // namespace docmill::house
