// XmlToJson: one XML document in, one line of JSON out. What `docmill convert` and the processor
// `to_json` are made of.
//
// Keeps its memory from document to document. Not for several threads.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "shared/base/result.h"
#include "shared/document/json_buffer.h"
#include "shared/document/json_options.h"
#include "shared/document/list_writer.h"
#include "shared/document/loss.h"
#include "shared/document/namespace_names.h"
#include "shared/document/natural_reader.h"
#include "shared/document/object_writer.h"
#include "shared/document/xml_reader.h"
#include "shared/document/xpath31_reader.h"

namespace docmill {

class XmlToJson {
 public:
  // options.problem() is empty.
  explicit XmlToJson(const XmlReadOptions& read = {}, const JsonOptions& options = {});
  XmlToJson(const XmlToJson&) = delete;
  XmlToJson& operator=(const XmlToJson&) = delete;

  // Appends the JSON, without a line end, and says what it lost; appends nothing on failure.
  // Failure: kMalformed, "line 3, column 7: ...", also where something is lost that must not be.
  Result<Losses> convert(std::string_view xml, std::string& out);
  // Whether the last document was no XML, and the lenient parser read it.
  bool lenient() const { return reader_.lenient(); }

 private:
  // XML that was made of JSON; appends.
  Result<Losses> read(const XmlTape& tape, std::string& out);
  // Into json_.
  Result<Losses> write(const XmlTape& tape);

  JsonOptions options_;
  XmlReader reader_;
  std::optional<NamespaceNames> names_;
  JsonBuffer json_;
  ObjectWriter objects_;
  ListWriter lists_;
  NaturalReader natural_;
  Xpath31Reader xpath31_;
};

}  // namespace docmill
