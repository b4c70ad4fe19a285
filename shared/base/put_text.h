// put_text: formatted text for people, on a stream that may be closed, full, or a pipe that nobody
// reads any more. What cannot be written is not worth a crash. Any thread.
#pragma once

#include <fmt/format.h>

#include <cstdio>
#include <utility>

namespace docmill {

template <typename... Values>
void put_text(std::FILE* to, fmt::format_string<Values...> text, Values&&... values) {
  std::fputs(fmt::format(text, std::forward<Values>(values)...).c_str(), to);
}

template <typename... Values>
void put_text(fmt::format_string<Values...> text, Values&&... values) {
  put_text(stdout, text, std::forward<Values>(values)...);
}

}  // namespace docmill
