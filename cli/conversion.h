// Conversion: what `docmill convert` does with one document - select parts of it, convert each.
//
// Keeps its memory from document to document. A thread has its own.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "shared/base/result.h"
#include "shared/document/json_to_xml.h"
#include "shared/document/xml_to_json.h"
#include "shared/document/xml_tree.h"

namespace docmill {

// As the command line has it; empty texts are options that were not given.
struct ConversionOptions {
  std::string to = "json";  // or "xml"
  std::string convention;
  std::string select;  // XPath
  std::string on_loss;
  std::string parser;  // strict or lenient
  std::string dtd;     // internal or reject
  std::vector<std::string> force_list;
};

class Conversion {
 public:
  // Failure: kConfig, "--option: what is wrong".
  static Result<Conversion> open(const ConversionOptions& options);

  // Appends the result, or each of them, as a line. Failure: kMalformed; nothing is appended.
  Result<void> convert(std::string_view document, std::string& lines);

  bool accepts_doctype() const { return accepts_doctype_; }

 private:
  Conversion() = default;
  Result<void> convert_one(std::string_view document, std::string& lines);

  bool accepts_doctype_ = true;
  std::optional<XmlPath> select_;
  XmlTree tree_;
  std::vector<XmlSelection> selected_;
  std::unique_ptr<XmlToJson> to_json_;
  std::unique_ptr<JsonToXml> to_xml_;
};

}  // namespace docmill
