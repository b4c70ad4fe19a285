#include "shared/store/file_descriptor.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace docmill {

FileDescriptor::~FileDescriptor() {
  if (open()) ::close(number_);
}

FileDescriptor& FileDescriptor::operator=(FileDescriptor&& other) noexcept {
  std::swap(number_, other.number_);
  return *this;
}

std::string error_text(int error_number) {
  std::string text = std::generic_category().message(error_number);
  if (!text.empty() && text[0] >= 'A' && text[0] <= 'Z') text[0] = static_cast<char>(text[0] + 32);
  return text;
}

bool is_full(int error_number) {
  // EFBIG is a limit of the process or of the file system: lifted like a quota.
  return error_number == ENOSPC || error_number == EDQUOT || error_number == EFBIG;
}

Error file_error(std::string_view path, std::string_view action, int error_number,
                 std::string_view cure) {
  std::string text = fmt::format("{}: {}: {}", path, action, error_text(error_number));
  if (is_full(error_number)) return unavailable(std::move(text));
  return config_error(fmt::format("{}; {}", text, cure));
}

}  // namespace docmill
