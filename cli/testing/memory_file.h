// MemoryFile: a file without a name on any disk, for sources that read files.
//
// A resource: the file is gone with it. Failure: kUnavailable, the kernel gives no file.
#pragma once

#include <filesystem>
#include <string_view>

#include "shared/base/result.h"
#include "shared/store/file_descriptor.h"

namespace docmill {

class MemoryFile {
 public:
  static Result<MemoryFile> make(std::string_view bytes);

  // Where this process finds it.
  std::filesystem::path path() const;

 private:
  explicit MemoryFile(FileDescriptor descriptor) : descriptor_(std::move(descriptor)) {}

  FileDescriptor descriptor_;
};

}  // namespace docmill
