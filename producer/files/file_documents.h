// FileDocuments: the documents of one file, one after the other. What the ways of reading a file
// (whole, split, by lines) have in common.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

#include "producer/files/file_position.h"
#include "shared/base/units.h"
#include "shared/runtime/component.h"

namespace docmill {

// One thread.
class FileDocuments {
 public:
  virtual ~FileDocuments() = default;
  // The next kDocument or kDead, valid until the next call; false at the end of the file. Failure:
  // kMalformed, the rest of the file cannot be read; do not call again.
  virtual Result<bool> next(Source::Next& next) = 0;
  // The place after the document that next() gave last; a reader opened there goes on.
  virtual FilePosition after() const = 0;
};

// How much of a document that could not be read goes to the dead letters.
inline std::size_t sample_bytes(Bytes limit) {
  return static_cast<std::size_t>(std::min<std::uint64_t>(limit.count, 64 << 10));
}

inline std::string oversize_reason(std::uint64_t bytes, Bytes limit) {
  return fmt::format("larger than limits.document: {} bytes, at most {}; raise the limit", bytes,
                     to_string(limit));
}

}  // namespace docmill
