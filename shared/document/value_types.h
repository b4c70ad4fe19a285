// ValueTypes: which texts of a document become a JSON number or boolean, and the checks on them.
//
// A value, compiled once from the words of a pipeline file. Nothing is guessed unless `infer` says
// so, and then only where the number has the same bytes as the text.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "shared/base/result.h"
#include "shared/document/element_path.h"

namespace docmill {

enum class ValueType : std::uint8_t { kString, kInteger, kNumber, kBoolean, kDate };

constexpr std::array<std::pair<std::string_view, ValueType>, 5> enum_names(ValueType) {
  return {{{"string", ValueType::kString},
           {"integer", ValueType::kInteger},
           {"number", ValueType::kNumber},
           {"boolean", ValueType::kBoolean},
           {"date", ValueType::kDate}}};
}

class ValueTypes {
 public:
  ValueTypes() = default;
  // The keys: 'price' and '@id' anywhere, '/catalog/book/price' and '/catalog/book/@id' there only.
  // Failure: kConfig.
  static Result<ValueTypes> parse(const std::map<std::string, ValueType>& entries);

  bool empty() const { return rules_.empty(); }
  // Whether the names of ancestors have to be kept for the questions.
  bool has_paths() const { return has_paths_; }
  // path: the names from the root element to the element; attribute: of it, or empty.
  std::optional<ValueType> of(std::span<const std::string_view> path, std::string_view element,
                              std::string_view attribute) const;

 private:
  struct Rule {
    std::optional<ElementPath> path;
    std::string element;    // where there is no path and no attribute
    std::string attribute;  // without '@'
    ValueType type = ValueType::kString;
  };
  std::vector<Rule> rules_;
  bool has_paths_ = false;
};

// The text as a JSON value of that type: a number or boolean without quotes, or for kString and
// kDate the text itself, for the caller to quote. nullopt when the text is not of that type. White
// space around it does not count.
struct TypedValue {
  std::string text;
  bool quoted = false;
  bool exact = true;  // the number has the same bytes as the text
};
std::optional<TypedValue> typed_value(std::string_view text, ValueType type);

// Whether the text is a number that every JSON reader, those with doubles included, writes back
// with the same bytes: no leading zero, no '+', no exponent, no zero at the end of a fraction.
bool is_safe_number(std::string_view text);

}  // namespace docmill
