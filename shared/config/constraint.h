// Constraints: what a field's declaration says beside its name, member and meaning.
//
//   .field("workers", &Config::workers, "Threads.", at_least(1), at_most(256))
//   .field("path", &Config::path, "File to read.", required, example("incoming/*.xml"))
//
// A limit on a list, a mapping or an optional holds for each value in it.
#pragma once

#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

namespace docmill {

class ComponentSet;

namespace constraint {

struct Required {
  bool holds = true;
};
struct Example {
  std::string text;
};
template <typename V>
struct AtLeast {
  V value;
};
template <typename V>
struct AtMost {
  V value;
};
template <typename V>
struct OneOf {
  std::vector<V> values;
};
template <typename F>
struct Check {
  F function;
};
struct From {
  const ComponentSet* set;
};

}  // namespace constraint

inline constexpr constraint::Required required;
inline constexpr constraint::Required required_if(bool holds) { return {holds}; }

// For a single value the value itself; for a list, a mapping or a section its YAML on one line.
inline constraint::Example example(std::string text) { return {std::move(text)}; }

template <typename V>
constraint::AtLeast<V> at_least(V value) {
  return {value};
}

template <typename V>
constraint::AtMost<V> at_most(V value) {
  return {value};
}

template <typename V>
constraint::OneOf<V> one_of(std::initializer_list<V> values) {
  return {values};
}

// function: (const member&) or (const single value&) -> std::optional<std::string>, the finding.
template <typename F>
constraint::Check<F> check(F function) {
  return {std::move(function)};
}

// The set that a Component is chosen from; null checks the shape only. It must live longer than
// the schema.
inline constraint::From from(const ComponentSet* set) { return {set}; }

}  // namespace docmill
