// XmlToJson: one XML document in, one line of JSON out. What `docmill convert` and the processor
// `to_json` are made of.
//
// Keeps its memory from document to document. Not for several threads.
#pragma once

#include <string>
#include <string_view>

#include "shared/base/result.h"
#include "shared/document/compact_writer.h"
#include "shared/document/force_list.h"
#include "shared/document/xml_reader.h"

namespace docmill {

class XmlToJson {
 public:
  explicit XmlToJson(const XmlReadOptions& options = {}, ForceList force_list = {})
      : reader_(options), writer_(std::move(force_list)) {}

  // Appends the JSON in the `compact` convention, without a line end; appends nothing on failure.
  // Failure: kMalformed, "line 3, column 7: ...".
  Result<void> convert(std::string_view xml, std::string& out) {
    const Result<const XmlTape*> tape = reader_.read(xml);
    if (!tape.ok()) return tape.error();
    writer_.write(**tape, out);
    return {};
  }

 private:
  XmlReader reader_;
  CompactWriter writer_;
};

}  // namespace docmill
