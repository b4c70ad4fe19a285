// FileReader: the content of a known file: its bytes, never beyond the size it had when it was
// first seen, or what they expand to when the file is compressed.
//
// Offsets are of the content. In a compressed file seek() to an earlier place begins again, and
// what lies before the place is decompressed and passed over; memory stays the same whatever the
// content is. Of damaged data the content before the damage is read, then comes the failure.
//
// What a caller does without looking at anything else is a step, and a step has a budget: 8 MiB
// that are read, decompressed or passed over. When it is used up, read() gives nothing until the
// next step begins. The budget never decides which bytes come, only when.
//
// A resource; one thread. Errors: kMalformed, the input is at fault, and the text is the reason of
// a dead letter; kUnavailable, descriptors, memory or the like ran out, or the disk or server of
// the file is away: open the file again later.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

#include "producer/files/input_folders.h"
#include "producer/files/known_file.h"
#include "producer/files/unpacker.h"
#include "shared/base/hash.h"
#include "shared/base/log.h"
#include "shared/base/result.h"
#include "shared/store/file_descriptor.h"

namespace docmill {

class FileReader {
 public:
  static constexpr std::uint64_t kStepBytes = 8 << 20;

  struct Piece {
    std::size_t bytes = 0;  // 0 before the end: the budget of the step is used up
    bool at_end = false;    // only with 0 bytes
  };

  // file must outlive the reader. A file that is not as it was is a warning in the log. One whose
  // folder is away is kUnavailable.
  static Result<FileReader> open(const KnownFile& file, InputFolders& folders, Log& log);
  // What a file that is seen for the first time is; kNone when its first bytes can never be read.
  static Result<Compression> look(const std::string& path);

  // The same open file, read from its beginning.
  Result<FileReader> again() const;

  const KnownFile& file() const { return *file_; }
  void begin_step() { budget_ = kStepBytes; }
  // The next bytes, at most so many.
  Result<Piece> read(char* into, std::size_t most);
  void seek(std::uint64_t offset) { offset_ = offset; }

 private:
  FileReader(const KnownFile& file, FileDescriptor descriptor)
      : file_(&file), descriptor_(std::move(descriptor)) {}

  Result<std::size_t> read_bytes(char* into, std::size_t most);
  Result<Piece> read_unpacked(char* into, std::size_t most);
  void spend(std::uint64_t bytes) { budget_ -= std::min(budget_, bytes); }

  const KnownFile* file_;
  FileDescriptor descriptor_;
  std::uint64_t offset_ = 0;            // of the content
  std::uint64_t byte_ = 0;              // of the file
  std::uint64_t budget_ = kStepBytes;   // left of the step
  std::unique_ptr<Unpacker> unpacker_;  // of a compressed file, from the first read on
};

// The hash of the content from one place to another, or of its beginning where that is very long:
// whoever waits for it has a loop to run.
class RangeHash {
 public:
  struct Hashed {
    std::uint64_t bytes = 0;
    std::uint64_t hash = 0;
  };
  explicit RangeHash(const FileReader& of) : of_(&of) {}
  // Ranges in any order; with increasing places a compressed file is expanded once more in all.
  // Nothing: the budget of a step is used up; call again with the same range.
  Result<std::optional<Hashed>> of(std::uint64_t begin, std::uint64_t end);

 private:
  const FileReader* of_;
  std::optional<FileReader> reader_;
  std::optional<RunningHash> hash_;  // of the first bytes of a range
  std::uint64_t bytes_ = 0;          // how many
};

}  // namespace docmill
