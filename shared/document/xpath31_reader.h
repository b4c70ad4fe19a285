// Xpath31Reader: the XML of fn:json-to-xml as JSON again, which is fn:xml-to-json (XPath and XQuery
// Functions 3.1, section 17.5.4).
//
// Two departures, both towards the JSON that the XML came from: numbers keep their lexemes and have
// to be numbers of JSON, and '/' is not escaped. The namespace is declared at the root element. A
// reader keeps its memory from document to document. Not for several threads.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "shared/base/result.h"
#include "shared/document/json_scanner.h"
#include "shared/document/xml_tape.h"

namespace docmill {

class Xpath31Reader {
 public:
  // Appends the JSON on one line; appends nothing on failure. The tape comes from XmlReader.
  // Failure: kMalformed, "line 3, column 7: ...".
  Result<void> read(const XmlTape& tape, std::string& out);

 private:
  struct Attributes {
    const XmlNode* key = nullptr;
    bool escaped = false;
    bool escaped_key = false;
  };

  bool right_namespace();
  bool read_attributes(std::uint32_t element, Attributes& attributes);
  bool value(std::uint32_t element, bool keyed);
  bool container(std::uint32_t element, bool map);
  bool scalar(std::uint32_t element, std::string_view kind, const Attributes& attributes);
  bool string(const XmlNode& at, const std::string& content, bool escaped);
  bool fail(const XmlNode& at, std::string text);

  const XmlTape* tape_ = nullptr;
  std::string* out_ = nullptr;
  std::string prefix_;  // with ':'; empty for the default namespace
  JsonScanner scanner_;
  JsonTape lexeme_;
  Error error_{ErrorCode::kMalformed, ""};
};

}  // namespace docmill
