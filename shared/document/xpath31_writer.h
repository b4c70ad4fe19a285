// Xpath31Writer: JSON as the XML of fn:json-to-xml (XPath and XQuery Functions 3.1,
// section 17.5.3).
//
//   {"a b":[1.10,null],"n":"x"}
//   <map xmlns="http://www.w3.org/2005/xpath-functions"><array key="a b"><number>1.10</number>
//   <null/></array><string key="n">x</string></map>
//
// Any key is possible, since it is an attribute. Numbers keep their lexemes. What becomes of
// characters that XML cannot carry is the function's option `escape` and one more: kReplace makes
// them U+FFFD (escape: false), kEscape writes special characters as JSON's escapes and says
// escaped="true" or escaped-key="true" (escape: true), kReject is an error. Not for several
// threads.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "shared/base/result.h"
#include "shared/document/json_tape.h"
#include "shared/document/loss.h"
#include "shared/document/natural_writer.h"

namespace docmill {

inline constexpr std::string_view kXpathNamespace = "http://www.w3.org/2005/xpath-functions";

class Xpath31Writer {
 public:
  explicit Xpath31Writer(ControlCharacters controls = ControlCharacters::kReject)
      : controls_(controls) {}

  // Appends one element; appends nothing on failure. Failure: kMalformed, a character that XML
  // cannot carry, with its place.
  Result<void> write(const JsonTape& tape, std::string& out);

  // Of the last document.
  Losses losses() const { return losses_; }

 private:
  static constexpr std::uint32_t kNoKey = 0;  // the first node is never a key

  void element(std::uint32_t key, std::uint32_t value);
  void content(std::uint32_t value);
  // Makes content_ of a string; true when it is escaped.
  bool prepare(const JsonNode& node);

  ControlCharacters controls_;
  const JsonTape* tape_ = nullptr;
  std::string* out_ = nullptr;
  Losses losses_;
  const JsonNode* refused_ = nullptr;  // the first string that cannot be written
  std::string decoded_;
  std::string content_;
};

}  // namespace docmill
