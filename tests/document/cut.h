// A whole text through an XmlSplitter, in chunks, with everything that came out.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "shared/document/xml_splitter.h"

namespace docmill {

struct Cut {
  std::vector<std::string> records = {};
  std::vector<SplitRecord> facts = {};  // their bytes are gone
  std::string error = {};
  std::uint64_t rest = 0;  // where what was not handed out begins
};

// Feeds the bytes to an XmlSplitter or a JsonSplitter in pieces of that size.
template <typename Splitter>
Cut cut_by(Splitter splitter, std::string_view bytes, std::size_t chunk) {
  Cut result;
  do {
    const std::string_view piece = bytes.substr(0, chunk);
    bytes.remove_prefix(piece.size());
    const Result<void> fed = splitter.feed(piece, bytes.empty());
    for (SplitRecord record; splitter.next(record);) {
      result.records.emplace_back(record.bytes);
      result.facts.push_back(record);
    }
    if (!fed.ok()) result.error = fed.error().text;
  } while (!bytes.empty() && result.error.empty());
  result.rest = splitter.rest_offset();
  return result;
}

inline Cut cut(std::string_view xml, std::string_view path, std::size_t chunk = 1 << 20,
               const XmlSplitOptions& options = {}) {
  return cut_by(XmlSplitter(ElementPath::parse(path).value(), options), xml, chunk);
}

// In what the two differ; empty when in nothing. Which mistake is named, of several in one token,
// may depend on how much of it was seen: only whether there is one is compared.
inline std::string difference(const Cut& one, const Cut& other) {
  if (one.error.empty() != other.error.empty()) return "whether it is read to its end";
  if (one.records != other.records) return "the records";
  for (std::size_t i = 0; i < one.facts.size(); ++i) {
    const SplitRecord& a = one.facts[i];
    const SplitRecord& b = other.facts[i];
    if (a.number != b.number) return "a record's number";
    if (a.offset != b.offset) return "a record's offset";
    if (a.line != b.line) return "a record's line";
    if (a.size != b.size) return "a record's size";
    if (a.oversize != b.oversize) return "whether a record is too large";
  }
  return {};
}

inline XmlSplitOptions written_anew() {
  XmlSplitOptions options;
  options.always_write_anew = true;
  return options;
}

}  // namespace docmill
