#include <fmt/format.h>

#include <regex>

#include "tests/house/rules.h"

namespace docmill::house {
namespace {

using Match = std::match_results<std::string_view::const_iterator>;

// These files write down what they forbid.
bool is_rule_book(std::string_view path) { return path.starts_with("tests/house/"); }

void check_marks(const std::string& path, std::size_t number, std::string_view line,
                 Findings& findings) {
  static const std::regex kMark(R"(\b(TODO|FIXME|XXX)\b)");
  static const std::regex kMachinePath(R"((^|[^\w./-])(/(work|root|home)/[\w.-]+))");
  Match match;
  if (std::regex_search(line.begin(), line.end(), match, kMark)) {
    findings.push_back({path, number, match.str() + ": do it, or write an issue"});
  }
  if (std::regex_search(line.begin(), line.end(), match, kMachinePath)) {
    findings.push_back(
        {path, number, match[2].str() + " is a path of one machine; write it from the root"});
  }
}

// "../shared/..." is fine where it leads to a file of the project.
void check_way_out(const Tree& tree, const std::string& path, std::size_t number,
                   std::string_view line, Findings& findings) {
  static const std::regex kWayOut(R"((\.\./)+shared\b[\w./-]*)");
  for (auto at = std::regex_iterator(line.begin(), line.end(), kWayOut); at != decltype(at)();
       ++at) {
    const std::string target = at->str();
    if (!exists(tree, std::filesystem::path(folder_of(path)) / target)) {
      findings.push_back({path, number, target + " leads out of the project"});
    }
  }
}

std::size_t indent_of(std::string_view line) {
  const std::size_t first = line.find_first_not_of(' ');
  return first == std::string_view::npos ? std::string_view::npos : first;
}

// The name of the innermost Python function around a line; empty at the top level.
std::string function_around(const std::vector<std::string_view>& lines, std::size_t index) {
  static const std::regex kFunction(R"(\s*def (\w+).*)");
  std::size_t indent = indent_of(lines[index]);
  for (std::size_t i = index; i-- > 0 && indent > 0;) {
    if (indent_of(lines[i]) >= indent) continue;
    indent = indent_of(lines[i]);
    Match match;
    if (std::regex_match(lines[i].begin(), lines[i].end(), match, kFunction)) {
      return match[1].str();
    }
  }
  return "";
}

}  // namespace

Findings check_words(const Tree& tree) {
  Findings findings;
  for (const auto& [path, content] : tree) {
    if (is_rule_book(path)) continue;
    std::size_t number = 0;
    for (const std::string_view line : lines_of(content)) {
      ++number;
      // Generated and foreign data has long lines, and nothing to say here.
      if (line.size() > 1000) continue;
      check_marks(path, number, line, findings);
      check_way_out(tree, path, number, line, findings);
    }
  }
  return findings;
}

Findings check_sleeps(const Tree& tree) {
  static const std::regex kSleep(R"(this_thread::sleep|\b(u|nano)?sleep\(|^\s*sleep\s+[0-9$])");
  Findings findings;
  for (const auto& [path, content] : tree) {
    if (!path.starts_with("tests/") || is_rule_book(path)) continue;
    const std::vector<std::string_view> lines = lines_of(content);
    for (std::size_t i = 0; i < lines.size(); ++i) {
      if (lines[i].size() > 1000 || lines[i].find("sleep") == std::string_view::npos) continue;
      if (!std::regex_search(lines[i].begin(), lines[i].end(), kSleep)) continue;
      if (path.ends_with(".py") && function_around(lines, i) == "wait_until") continue;
      findings.push_back({path, i + 1,
                          path.ends_with(".py")
                              ? "only wait_until may sleep; wait for a condition with a deadline"
                              : "tests never sleep; tick the clock, or wait for a condition"});
    }
  }
  return findings;
}

Findings check_errors(const Tree& tree) {
  static const std::regex kCompared(
      R"(([=!]=\s*|case )(ENOSPC|EDQUOT|EFBIG|EMFILE|ENFILE|ENOMEM|ENOBUFS|EBUSY|ETXTBSY|ENOLCK|ESTALE|EIO|EREMOTEIO|EUCLEAN|EBADMSG)\b)");
  Findings findings;
  for (const auto& [path, content] : tree) {
    if (!path.ends_with(".cpp") && !path.ends_with(".h")) continue;
    if (path.starts_with("tests/") || path.starts_with("bench/")) continue;
    if (path == "shared/base/system_error.cpp" || path == "shared/store/sqlite_failure.cpp")
      continue;
    const std::vector<std::string_view> lines = lines_of(content);
    for (std::size_t i = 0; i < lines.size(); ++i) {
      Match match;
      if (!std::regex_search(lines[i].begin(), lines[i].end(), match, kCompared)) continue;
      findings.push_back(
          {path, i + 1, match[2].str() + " is classified in shared/base/system_error.h; ask it"});
    }
  }
  return findings;
}

}  // namespace docmill::house
