// An open file of the kernel's, closed with the object; and what its error numbers mean to us.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "shared/base/result.h"

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

 private:
  int number_;
};

// "no space left on device".
std::string error_text(int error_number);

// There is no room: nothing is wrong with what is there, and the call may succeed later.
bool is_full(int error_number);

// "PATH: ACTION: TEXT; CURE". kUnavailable when the disk is full (and then without the cure),
// otherwise kConfig.
Error file_error(std::string_view path, std::string_view action, int error_number,
                 std::string_view cure);

}  // namespace docmill
