#include "shared/store/file_descriptor.h"

#include <fmt/format.h>
#include <unistd.h>

#include <utility>

namespace docmill {

FileDescriptor::~FileDescriptor() {
  if (open()) ::close(number_);
}

FileDescriptor& FileDescriptor::operator=(FileDescriptor&& other) noexcept {
  std::swap(number_, other.number_);
  return *this;
}

Error file_error(std::string_view path, std::string_view action, int error_number,
                 std::string_view cure) {
  const Failure failure = failure_of(error_number);
  if (failure == Failure::kTransient || failure == Failure::kDisk) {
    return disk_error(path, action, error_number);
  }
  return config_error(fmt::format("{}: {}: {}; {}", path, action, error_text(error_number), cure));
}

Error disk_error(std::string_view path, std::string_view action, int error_number) {
  std::string text = fmt::format("{}: {}: {}", path, action, error_text(error_number));
  if (is_transient(error_number)) return unavailable(std::move(text));
  return corrupt(text + "; check the disk, then start again");
}

}  // namespace docmill
