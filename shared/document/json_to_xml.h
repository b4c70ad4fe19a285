// JsonToXml: one JSON document in, one XML document out, in any convention that can be read back.
// What `docmill convert --to xml` and the processor `to_xml` are made of.
//
//   natural      {"a":{"b":[1,2]}}             natural_writer.h
//   xpath31      {"a":1}                       xpath31_writer.h
//   compact      {"a":{"@id":"7","b":["x","y"],"#text":"t"}}   xmltodict's: '@' attributes
//   badgerfish   {"a":{"@id":"7","b":[{"$":"x"},{"$":"y"}]}}   '$' is text; "@xmlns":{"p":uri}
//   ordered      ["a",{"id":"7"},["b","x"],{"#comment":"c"},{"#pi":["t","d"]},{"#cdata":"<"}]
//   jsonml       ["a",{"id":"7"},["b","x"],"t"]
//
// Numbers and booleans are written as their lexemes, null as nothing. Every name is checked: what
// is no name of XML is an error, never markup. What comes out is scanned before it is handed out.
//
// Keeps its memory from document to document. Not for several threads.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "shared/base/result.h"
#include "shared/document/json_convention.h"
#include "shared/document/json_scanner.h"
#include "shared/document/loss.h"
#include "shared/document/natural_writer.h"
#include "shared/document/xml_reader.h"
#include "shared/document/xpath31_writer.h"

namespace docmill {

struct JsonToXmlOptions {
  XmlLimits limits = {};
  JsonConvention convention = JsonConvention::kNatural;  // not kParker
  DuplicateKeys duplicates = DuplicateKeys::kReject;
  NaturalOptions natural = {};  // its controls are those of xpath31 too
};

class JsonToXml {
 public:
  explicit JsonToXml(const JsonToXmlOptions& options = {});

  // Appends one element and says what was lost; appends nothing on failure. Failure: kMalformed,
  // "line 3, column 7: ...".
  Result<Losses> convert(std::string_view json, std::string& out);

 private:
  Result<Losses> write(std::string& out);

  JsonConvention convention_;
  JsonScanner scanner_;
  JsonTape tape_;
  NaturalWriter natural_;
  Xpath31Writer xpath31_;
  XmlReader verifier_;
};

}  // namespace docmill
