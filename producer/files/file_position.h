// FilePosition: a place in the input files of a source, between two documents.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "shared/base/result.h"

namespace docmill {

// A value. As a text "lines 1 3 17 12345 18": which reader wrote it, the version, then file,
// record, offset and line; " end" follows when nothing more is in the file. Version 2 is a place
// inside of an XML file, "split 2 3 17 12345 18 6 <c xmlns="d"><g>": the column and what is open
// follow.
struct FilePosition {
  std::uint64_t file = 0;    // number in the FileCatalog, from 0
  std::uint64_t record = 0;  // documents of the file before this place, dead ones included
  std::uint64_t offset = 0;  // bytes of the file before this place, where the reader can seek
  std::uint64_t line = 0;    // lines of the file before this place, where the reader can seek
  std::uint64_t column = 0;  // characters of the line before this place, with open
  std::string open = {};     // start tags of the elements that are open there (XmlResume)
  bool end = false;          // only the end of the file is still to be told
  bool operator==(const FilePosition&) const = default;
};

std::string to_text(const FilePosition& position, std::string_view reader);
// An empty text is the beginning. kCorrupt when it is not a position of that reader.
Result<FilePosition> parse_position(std::string_view text, std::string_view reader);

}  // namespace docmill
