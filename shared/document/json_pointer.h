// JsonPointer: a place in a JSON document (RFC 6901): '/catalog/book/0/title', or '' for the whole
// document.
//
// A value, parsed once. In its steps '~1' stands for '/' and '~0' for '~'.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "shared/base/result.h"
#include "shared/document/json_tape.h"

namespace docmill {

// Where a value stands: nodes of a tape.
struct JsonPlace {
  static constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();

  std::uint32_t parent = kNone;  // the container; none for the document's value
  std::uint32_t key = kNone;     // of a member
  std::uint32_t value = 0;
};

class JsonPointer {
 public:
  // Failure: kConfig, with the character that is wrong.
  static Result<JsonPointer> parse(std::string_view text);

  const std::string& text() const { return text_; }
  const std::vector<std::string>& steps() const { return steps_; }

  // nullopt when the document has no such place. '-', the item behind the last one, never exists.
  std::optional<JsonPlace> find(const JsonTape& tape) const;
  // The place that all steps but the last lead to; nullopt for '' too.
  std::optional<JsonPlace> find_parent(const JsonTape& tape) const;

 private:
  std::optional<JsonPlace> walk(const JsonTape& tape, std::size_t count) const;

  std::string text_;
  std::vector<std::string> steps_;
};

// A member of the object by what its key means; an item of the array by its index as JSON Pointer
// writes it.
std::optional<JsonPlace> find_member(const JsonTape& tape, std::uint32_t object,
                                     std::string_view key);
std::optional<JsonPlace> find_item(const JsonTape& tape, std::uint32_t array,
                                   std::string_view index);

}  // namespace docmill
