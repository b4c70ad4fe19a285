// NewValue: what `set` and `add` write: text, or a JSON value as it is.
#pragma once

#include <optional>
#include <string>

#include "shared/document/json_edit.h"
#include "shared/document/json_text.h"

namespace docmill {

class NewValue {
 public:
  // One of the two is given; `json` was checked by parse_json_value.
  static Result<NewValue> make(const std::optional<std::string>& text,
                               const std::optional<std::string>& json) {
    NewValue value;
    value.text_ = text;
    if (text) {
      append_json_string(value.json_, *text);
      return value;
    }
    auto parsed = parse_json_value(json.value_or(""));
    if (!parsed) return parsed.error();
    value.json_ = std::move(*parsed);
    return value;
  }

  const std::string& for_json() const { return json_; }
  Result<std::string> for_xml() const {
    if (text_) return *text_;
    return malformed("the document is XML, and 'json' is a value for JSON; use 'value'");
  }

 private:
  std::optional<std::string> text_;
  std::string json_;
};

inline std::optional<std::string> check_json(const std::string& text) {
  auto parsed = parse_json_value(text);
  return parsed ? std::nullopt : std::optional(parsed.error().text);
}

inline constexpr const char* kValueMeaning = "The content; text, never markup. In JSON a string.";
inline constexpr const char* kJsonMeaning = "In place of `value`: a JSON value, for JSON.";

}  // namespace docmill
