// An open file of the kernel's, closed with the object; and the Error of a call about a file.
#pragma once

#include <string_view>
#include <utility>

#include "shared/base/result.h"
#include "shared/base/system_error.h"

namespace docmill {

// Owns the descriptor. Below zero: none.
class FileDescriptor {
 public:
  explicit FileDescriptor(int number) : number_(number) {}
  ~FileDescriptor();
  FileDescriptor(FileDescriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept;

  bool open() const { return number_ >= 0; }
  int number() const { return number_; }
  // The caller closes it from now on.
  int release() { return std::exchange(number_, -1); }

 private:
  int number_;
};

// "PATH: ACTION: TEXT; CURE", by what failure_of() says: kUnavailable for what passes (without the
// cure: it is about a permanent problem), kCorrupt for a disk that failed, otherwise kConfig.
Error file_error(std::string_view path, std::string_view action, int error_number,
                 std::string_view cure);
// The same where the path and what is in it are docmill's own, so that only the disk can be at
// fault: kUnavailable, otherwise kCorrupt.
Error disk_error(std::string_view path, std::string_view action, int error_number);

}  // namespace docmill
