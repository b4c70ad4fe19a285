// Document: bytes, a format, and where it came from. The unit that sources make, processors change
// and outputs write.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace docmill {

// What the bytes are. The value is on the wire (docs/wire-format.md).
enum class Format : std::uint8_t { kBytes = 0, kText = 1, kXml = 2, kJson = 3 };

// Where a document came from: enough to find it again in its source.
struct Origin {
  std::string_view source;   // a file path or another name; lives as long as its batch
  std::uint64_t record = 0;  // counts from 1 within the source
  std::uint64_t offset = 0;  // bytes from the source's beginning to the document
  std::uint64_t line = 0;    // counts from 1; 0 when unknown
};

// A document that is looked at, not owned: the bytes live in a batch or in the source's buffer.
struct DocumentView {
  Format format = Format::kBytes;
  std::string_view bytes;
  Origin origin;
  // What was found out about it on its way: the members of a JSON object without its braces,
  // `"loss":"order","key":"b7"`. See notes.h.
  std::string_view notes = {};
};

}  // namespace docmill
