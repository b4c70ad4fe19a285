// FileReader: the bytes of a known file, never beyond the size it had when it was first seen.
//
// A resource; one thread. An Error is kMalformed, because it is the input that is at fault: its
// text is the reason of a dead letter.
#pragma once

#include <cstddef>
#include <cstdint>

#include "producer/files/known_file.h"
#include "shared/base/log.h"
#include "shared/base/result.h"
#include "shared/store/file_descriptor.h"

namespace docmill {

class FileReader {
 public:
  // file must outlive the reader. A file that is not as it was is a warning in the log.
  static Result<FileReader> open(const KnownFile& file, Log& log);

  const KnownFile& file() const { return *file_; }
  // The next bytes, at most so many; 0 only at the end.
  Result<std::size_t> read(char* into, std::size_t most);
  void seek(std::uint64_t offset) { offset_ = offset; }

 private:
  FileReader(const KnownFile& file, FileDescriptor descriptor)
      : file_(&file), descriptor_(std::move(descriptor)) {}

  const KnownFile* file_;
  FileDescriptor descriptor_;
  std::uint64_t offset_ = 0;
};

}  // namespace docmill
