// FileReader: the content of a known file: its bytes, never beyond the size it had when it was
// first seen, or what they expand to when the file is compressed.
//
// Offsets are of the content. In a compressed file seek() to an earlier place begins again, and
// what lies before the place is decompressed and passed over; memory stays the same whatever the
// content is. Of damaged data the content before the damage is read, then comes the failure.
//
// A resource; one thread. An Error is kMalformed, because it is the input that is at fault: its
// text is the reason of a dead letter.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "producer/files/known_file.h"
#include "producer/files/unpacker.h"
#include "shared/base/log.h"
#include "shared/base/result.h"
#include "shared/store/file_descriptor.h"

namespace docmill {

class FileReader {
 public:
  // file must outlive the reader. A file that is not as it was is a warning in the log.
  static Result<FileReader> open(const KnownFile& file, Log& log);
  // What a file that is seen for the first time is; kNone when its first bytes cannot be read.
  static Compression look(const std::string& path);

  const KnownFile& file() const { return *file_; }
  // The next bytes, at most so many; 0 only at the end.
  Result<std::size_t> read(char* into, std::size_t most);
  void seek(std::uint64_t offset) { offset_ = offset; }

 private:
  FileReader(const KnownFile& file, FileDescriptor descriptor)
      : file_(&file), descriptor_(std::move(descriptor)) {}

  Result<std::size_t> read_bytes(char* into, std::size_t most);
  Result<std::size_t> read_unpacked(char* into, std::size_t most);

  const KnownFile* file_;
  FileDescriptor descriptor_;
  std::uint64_t offset_ = 0;            // of the content
  std::uint64_t byte_ = 0;              // of the file
  std::unique_ptr<Unpacker> unpacker_;  // of a compressed file, from the first read on
};

}  // namespace docmill
