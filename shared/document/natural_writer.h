// NaturalWriter: JSON as the XML that one would write by hand.
//
//   {"book":{"id":7,"author":["Ada","Bob"],"unit price":"12"}}
//   <book xmlns:json="urn:docmill:json"><id json:type="number">7</id><author>Ada</author>
//   <author>Bob</author><unit_x0020_price>12</unit_x0020_price></book>
//
// A key is an element, an array its repetition. What the shape does not tell stands in hints, in
// one namespace: json:type="number | boolean | null | object | array", json:array="true" on the
// only item of an array, json:escaped="true"; an array without a name of its own has items
// json:item, and a document that is no object of one member stands in json:root. NaturalReader
// makes the same JSON of it again: numbers keep their lexemes, strings their content. Without hints
// the XML is clean and losses() tells what it does not say.
//
// A writer keeps its memory from document to document. Not for several threads.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "shared/base/result.h"
#include "shared/document/json_tape.h"
#include "shared/document/loss.h"

namespace docmill {

inline constexpr std::string_view kJsonNamespace = "urn:docmill:json";

// What becomes of a character in a string that XML cannot carry: U+0000 to U+001F without tab and
// line ends, U+FFFE, U+FFFF. kReplace: U+FFFD. kEscape: '\u0001', and json:escaped says so.
enum class ControlCharacters { kReject, kReplace, kEscape };

struct NaturalOptions {
  bool hints = true;
  ControlCharacters controls = ControlCharacters::kReject;
  // Names of elements that no key names, without prefix. Empty: json:root and json:item with hints,
  // root and item without.
  std::string root = {};
  std::string item = {};
};

class NaturalWriter {
 public:
  explicit NaturalWriter(NaturalOptions options = {});

  // Appends one element; appends nothing on failure. Failure: kMalformed, a character that XML
  // cannot carry, with its place.
  Result<void> write(const JsonTape& tape, std::string& out);

  // Of the last document.
  Losses losses() const { return losses_; }

 private:
  enum class Role { kMember, kOnlyItem, kRoot, kItem };
  enum class Text { kPlain, kReplaced, kEscaped, kRefused };

  // key: the node that names the element, where the role does not.
  void element(Role role, std::uint32_t key, std::uint32_t value);
  void name(Role role, std::uint32_t key);
  void members(std::uint32_t object);
  void items(std::uint32_t array);
  void hint(std::string_view name_and_value, Loss without);
  // Makes text_ of a string.
  Text prepare(const JsonNode& node);
  std::string_view decoded(const JsonNode& node);

  NaturalOptions options_;
  const JsonTape* tape_ = nullptr;
  std::string* out_ = nullptr;
  Losses losses_;
  bool hinted_ = false;
  std::uint32_t refused_ = 0;  // the node of a string that cannot be written; 0: none, or the first
  bool failed_ = false;
  std::string content_;  // decoded
  std::string text_;     // as XML
};

}  // namespace docmill
