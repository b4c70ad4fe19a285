// NaturalReader: XML in the `natural` convention as the JSON it came from (natural_writer.h).
//
// It reads what people write by hand too: without hints an element with child elements is an
// object, every other one a string, and siblings of one name are an array. What the convention has
// no place for is an error, never left out: attributes of others, text beside elements. White space
// between elements means nothing. A reader keeps its memory from document to document. Not for
// several threads.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "shared/base/result.h"
#include "shared/document/json_scanner.h"
#include "shared/document/json_tape.h"
#include "shared/document/xml_tape.h"

namespace docmill {

class NaturalReader {
 public:
  // Appends the JSON on one line; appends nothing on failure. The tape comes from XmlReader.
  // Failure: kMalformed, "line 3, column 7: ...".
  Result<void> read(const XmlTape& tape, std::string& out);

 private:
  struct Hints {
    std::string_view type;
    bool array = false;
    bool escaped = false;
    bool root = false;
  };
  // A child element of an object; those of one name follow one another in `next`.
  struct Child {
    std::uint32_t node = 0;
    std::uint32_t next = 0;  // position in children_; 0 at the end
    bool head = true;
  };

  void find_prefix(std::uint32_t root);
  bool read_hints(std::uint32_t element, Hints& hints);
  bool set_hint(std::string_view name, const XmlNode& attribute, Hints& hints);
  bool value(std::uint32_t element);
  bool typed_value(std::uint32_t element, const Hints& hints);
  bool object(std::uint32_t element);
  bool array(std::uint32_t element);
  bool member(std::size_t head);
  bool text_value(std::uint32_t element, const Hints& hints);
  bool lexeme(std::uint32_t element, std::string_view type);
  bool escaped_string(std::uint32_t element, const std::string& quoted);
  void group(std::uint32_t element);
  void key(std::uint32_t element);
  const std::string& own_text(std::uint32_t element);
  bool fail(const XmlNode& at, std::string text);
  std::string_view name(std::uint32_t element) const { return tape_->text(tape_->nodes[element]); }

  const XmlTape* tape_ = nullptr;
  std::string* out_ = nullptr;
  std::string prefix_;              // of our namespace, with ':'; empty when the root declares none
  std::vector<Child> children_{1};  // of all elements being read; [0] is not used
  std::vector<std::uint32_t> sorted_;
  std::string text_;
  std::string name_;
  JsonScanner scanner_;
  JsonTape lexeme_;
  Error error_{ErrorCode::kMalformed, ""};
};

}  // namespace docmill
