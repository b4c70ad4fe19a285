// LinearRegex: a regular expression of JSON Schema, matched in time and memory that are linear in
// the text, so that no document can exhaust the stack or the time of a transformer.
//
// RE2 stops in linear_regex.cpp. Patterns are those of ECMAScript except for backreferences and
// lookaround, which cannot be matched in linear time. A value; compiled once for all values of one
// pattern. Any thread.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "shared/base/result.h"

namespace docmill {

class LinearRegex {
 public:
  // Failure: kConfig: "expected a pattern that ..., found ...".
  static Result<LinearRegex> make(std::string_view pattern);
  // For valijson, which makes them of patterns that make() has accepted. Throws
  // std::invalid_argument.
  explicit LinearRegex(const std::string& pattern);

  struct Group {
    std::string text;
    const std::string& str() const { return text; }
  };
  using Groups = std::vector<Group>;  // the whole match, then each group

  bool search(std::string_view text) const;
  // Whether all of the text matches.
  bool match(std::string_view text, Groups* groups = nullptr) const;

 private:
  struct Program;
  explicit LinearRegex(std::shared_ptr<const Program> program);
  std::shared_ptr<const Program> program_;
};

// As <regex> calls them, for valijson's headers (docmill.cmake).
using LinearMatch = LinearRegex::Groups;
inline bool linear_search(std::string_view text, const LinearRegex& regex) {
  return regex.search(text);
}
inline bool linear_match(std::string_view text, const LinearRegex& regex) {
  return regex.match(text);
}
inline bool linear_match(std::string_view text, LinearMatch& groups, const LinearRegex& regex) {
  return regex.match(text, &groups);
}

}  // namespace docmill
