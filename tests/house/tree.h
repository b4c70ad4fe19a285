// The project as the rules of the house see it: text by path, and what is wrong with it.
#pragma once

#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace docmill::house {

// Path from the project root -> content. A rule is a pure function of it, so that each one is
// proved on a tree of a few lines.
using Tree = std::map<std::string, std::string>;

// Reads every text file below root, but what .gitignore keeps out (builds, state, output) and what
// is not text. Throws std::filesystem::filesystem_error.
Tree read_tree(const std::filesystem::path& root);

struct Finding {
  std::string path;
  std::size_t line = 1;
  std::string text;
  bool operator==(const Finding&) const = default;
};
using Findings = std::vector<Finding>;

// One "path:line: text" a line.
std::string to_string(const Findings& findings);

std::vector<std::string_view> lines_of(std::string_view content);
bool is_header(std::string_view path);
bool is_cpp(std::string_view path);  // headers and .cpp files
std::string folder_of(std::string_view path);
std::string stem_of(std::string_view path);

// Whether the normal form of a path is a file of the tree or a folder that has one.
bool exists(const Tree& tree, const std::filesystem::path& path);

// An #include directive: the name without its quotes or brackets.
struct Include {
  std::size_t line;
  std::string name;
  bool quoted;
};
std::vector<Include> includes_of(std::string_view content);

}  // namespace docmill::house
