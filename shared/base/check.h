// A bug ends the process with the values that show it; it is never an Error.
#pragma once

#include <fmt/format.h>

#include <string>

namespace docmill {

// Prints "path:line: bug: text" to standard error and aborts.
[[noreturn]] void abort_with(const char* file, int line, const std::string& text);

}  // namespace docmill

// DOCMILL_CHECK(condition, "format {}", values...): aborts with the values when the condition is
// false.
#define DOCMILL_CHECK(condition, ...)                                                          \
  do {                                                                                         \
    if (!(condition)) {                                                                        \
      ::docmill::abort_with(__FILE__, __LINE__,                                                \
                            std::string(#condition " is false: ") + fmt::format(__VA_ARGS__)); \
    }                                                                                          \
  } while (false)
