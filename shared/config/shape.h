// Shape: how the type of a struct's member maps to YAML. A member is a single value (a scalar, a
// section, a Component, a NodeType, a YamlNode as it is) or a list, a mapping or an optional of
// those.
//
// The templates only walk the type; what they report and how is in section.cpp and scalar.cpp.
#pragma once

#include <fmt/format.h>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "shared/config/component.h"
#include "shared/config/scalar.h"
#include "shared/config/section.h"
#include "shared/config/substitution.h"

namespace docmill {

// A type that reads its node by itself, of whatever kind the node is: how the reference calls it,
// and its value; what is wrong is reported.
template <typename T>
struct NodeType;

template <typename T>
concept ReadsNode = requires(const YamlNode& node, const Place& place) {
  { NodeType<T>::name() } -> std::convertible_to<std::string>;
  { NodeType<T>::read(node, place) } -> std::same_as<T>;
};

// What every single value L of a field must satisfy.
template <typename L>
struct Rules {
  using Check = std::function<std::optional<std::string>(const L&, const YamlNode&)>;
  std::vector<Check> checks;
  std::shared_ptr<const Section> section;    // L is a struct with a Schema
  const ComponentSet* components = nullptr;  // L is a Component
};

// Nothing when the value was refused; a section comes back with what was right in it, so that one
// wrong field does not hide what the others say.
template <typename L>
std::optional<L> read_single(const YamlNode& node, const Place& place, const Rules<L>& rules) {
  const std::size_t before = place.total();
  L value{};
  if constexpr (std::is_same_v<L, YamlNode>) {
    value = node;
  } else if constexpr (std::is_same_v<L, Component>) {
    if (auto component = read_component(node, place, rules.components)) value = *component;
  } else if constexpr (ReadsNode<L>) {
    value = NodeType<L>::read(node, place);
  } else if constexpr (Scalar<L>) {
    if (!is_scalar(node, ScalarType<L>::name(), place)) return std::nullopt;
    const Result<std::string> text = substitute(node.text);
    if (!text) {
      place.report(node.line, text.error().text);
      return std::nullopt;
    }
    Result<L> parsed = ScalarType<L>::parse(*text);
    if (parsed.ok()) {
      value = std::move(parsed).value();
    } else {
      place.report(node.line, without_secret(parsed.error().text, node.text));
    }
  } else {
    read_section(*rules.section, node, place, &value);
    if (place.total() != before) return value;
  }
  for (std::size_t i = 0; i < rules.checks.size() && place.total() == before; ++i) {
    if (auto problem = rules.checks[i](value, node)) {
      place.report(node.line, without_secret(std::move(*problem), node.text));
    }
  }
  if (place.total() != before) return std::nullopt;
  return value;
}

// How the reference calls it; empty for a section and for a Component.
template <typename L>
std::string type_name() {
  if constexpr (Scalar<L>) {
    return ScalarType<L>::name();
  } else if constexpr (ReadsNode<L>) {
    return NodeType<L>::name();
  } else {
    return std::is_same_v<L, YamlNode> ? "anything" : "";
  }
}

// A single value.
template <typename M>
struct Shape {
  using Single = M;
  static constexpr Field::Form kForm = Field::Form::kOne;
  static std::string standard(const M& value) {
    if constexpr (Scalar<M>) {
      const std::string text = ScalarType<M>::write(value);
      return text.empty() ? "" : written(text);
    } else {
      return {};
    }
  }
  static std::optional<M> read(const YamlNode& node, const Place& place, const Rules<M>& rules) {
    return read_single<M>(node, place, rules);
  }
};

template <typename X>
struct Shape<std::optional<X>> {
  using Single = X;
  static constexpr Field::Form kForm = Field::Form::kOne;
  static std::string standard(const std::optional<X>& value) {
    return value ? Shape<X>::standard(*value) : "";
  }
  static std::optional<std::optional<X>> read(const YamlNode& node, const Place& place,
                                              const Rules<X>& rules) {
    auto value = read_single<X>(node, place, rules);
    if (!value) return std::nullopt;
    return std::optional<std::optional<X>>(std::move(value));
  }
};

template <typename X>
struct Shape<std::vector<X>> {
  using Single = X;
  static constexpr Field::Form kForm = Field::Form::kList;
  static std::string standard(const std::vector<X>& values) {
    std::vector<std::string> texts;
    for (const X& value : values) texts.push_back(Shape<X>::standard(value));
    return texts.empty() ? "" : fmt::format("[{}]", fmt::join(texts, ", "));
  }
  static std::optional<std::vector<X>> read(const YamlNode& node, const Place& place,
                                            const Rules<X>& rules) {
    const std::size_t before = place.total();
    std::vector<X> values;
    const auto add = [&](const YamlNode& item, const Place& here) {
      if (auto value = read_single<X>(item, here, rules)) values.push_back(std::move(*value));
    };
    if (node.kind == YamlNode::Kind::kScalar) {
      add(node, place);  // one value is a list of one
    } else if (is_list(node, place)) {
      for (std::size_t i = 0; i < node.items.size(); ++i) add(node.items[i], place.at(i));
    }
    if (place.total() != before) return std::nullopt;
    return values;
  }
};

template <typename X>
struct Shape<std::map<std::string, X>> {
  using Single = X;
  static constexpr Field::Form kForm = Field::Form::kMap;
  static std::string standard(const std::map<std::string, X>& values) {
    std::vector<std::string> texts;
    for (const auto& [key, value] : values) {
      texts.push_back(written(key) + ": " + Shape<X>::standard(value));
    }
    return texts.empty() ? "" : fmt::format("{{{}}}", fmt::join(texts, ", "));
  }
  static std::optional<std::map<std::string, X>> read(const YamlNode& node, const Place& place,
                                                      const Rules<X>& rules) {
    std::map<std::string, X> values;
    if (is_map(node, place)) {
      for (const YamlEntry& entry : node.entries) {
        const Place here = place.at(entry.key);
        auto value = read_single<X>(entry.value, here, rules);
        if (value && !values.emplace(entry.key, std::move(*value)).second) {
          here.report(entry.line, "given twice; keep one of them");
        }
      }
    }
    return values;
  }
};

}  // namespace docmill
