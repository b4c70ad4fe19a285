// A whole text through an XmlSplitter, in chunks, with everything that came out.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "shared/document/xml_splitter.h"

namespace docmill {

struct Cut {
  std::vector<std::string> records = {};
  std::vector<XmlRecord> facts;  // their bytes are gone
  std::string error = {};
};

inline Cut cut(std::string_view xml, std::string_view path, std::size_t chunk = 1 << 20,
               const XmlSplitOptions& options = {}) {
  XmlSplitter splitter(ElementPath::parse(path).value(), options);
  Cut result;
  do {
    const std::string_view piece = xml.substr(0, chunk);
    xml.remove_prefix(piece.size());
    const Result<void> fed = splitter.feed(piece, xml.empty());
    for (XmlRecord record; splitter.next(record);) {
      result.records.emplace_back(record.bytes);
      result.facts.push_back(record);
    }
    if (!fed.ok()) result.error = fed.error().text;
  } while (!xml.empty() && result.error.empty());
  return result;
}

inline XmlSplitOptions written_anew() {
  XmlSplitOptions options;
  options.always_write_anew = true;
  return options;
}

}  // namespace docmill
