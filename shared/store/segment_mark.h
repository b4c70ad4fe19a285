// SegmentMark: a file of an output with several files, from before its first byte until it has its
// final name.
//
// It has all that is needed to end the file when the output has other settings by then, or is no
// longer in the pipeline file. How far the file is committed is in its FileMark. A value.
#pragma once

#include <string>

namespace docmill {

struct SegmentMark {
  std::string path;     // its final name, like that of its FileMark
  std::string output;   // the path in the settings of the output that writes it
  std::string kind;     // "json": what the file consists of
  std::string packing;  // "none", "gzip" or "zstd"
  std::string end;      // the text behind its last document, not compressed
  bool ended = false;   // the text is in the file, only the rename may be missing
  bool operator==(const SegmentMark&) const = default;
};

}  // namespace docmill
