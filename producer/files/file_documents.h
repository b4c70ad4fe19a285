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

enum class FileStep {
  kDocument,  // kDocument or kDead was given
  kEnd,       // of the file
  kBusy,      // not found yet, and the step has taken long enough; call again
};

// One thread.
class FileDocuments {
 public:
  virtual ~FileDocuments() = default;
  // The next kDocument or kDead, valid until the next call. A call reads no more than the budget of
  // a step (FileReader). Failure: kMalformed, the rest of the file cannot be read; kUnavailable, it
  // cannot be read right now. Do not call again after either: in the second case another reader
  // resumes at the last after().
  virtual Result<FileStep> next(Source::Next& next) = 0;
  // The place after the document that next() gave last; a reader opened there goes on.
  virtual FilePosition after() const = 0;
};

// How much of a document above limits.document goes to the dead letters. What is not larger goes
// there as a whole.
inline std::size_t sample_bytes(Bytes limit) {
  return static_cast<std::size_t>(std::min<std::uint64_t>(limit.count, 64 << 10));
}

// The end of a reason whose dead letter has only the beginning of the document: where the whole is.
// hashed: of that many bytes from its beginning.
inline std::string whereabouts(std::size_t kept, std::uint64_t begin, std::uint64_t end,
                               std::uint64_t hashed, std::uint64_t hash) {
  const std::string part = hashed < end - begin ? fmt::format(" of the first {}", hashed) : "";
  return fmt::format(
      "; this is its first {} bytes; all of it is bytes {} to {} of the source, "
      "xxh3{} {:016x}",
      kept, begin, end, part, hash);
}

inline std::string oversize_reason(std::uint64_t bytes, Bytes limit) {
  return fmt::format("larger than limits.document: {} bytes, at most {}; raise the limit", bytes,
                     to_string(limit));
}

// The most that the metadata of a document may take.
inline Bytes largest_metadata(Bytes limit) {
  constexpr std::uint64_t kAlways = 1 << 20;
  return {std::max(limit.count, kAlways)};
}

inline std::string metadata_reason(std::uint64_t bytes, Bytes limit) {
  return fmt::format(
      "expected metadata of at most {}, found {} bytes; keep less, or raise limits.document",
      to_string(largest_metadata(limit)), bytes);
}

}  // namespace docmill
