#include "shared/document/xslt_messages.h"

#include <fmt/format.h>

#include <algorithm>

namespace docmill {
namespace {

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  text.remove_prefix(std::min(text.find_first_not_of(kSpace), text.size()));
  text.remove_suffix(text.size() - 1 - text.find_last_not_of(kSpace));
  return text;
}

// What stands behind the word, up to `end`; and nothing when the word is not there.
std::string_view behind(std::string_view text, std::string_view word, std::string_view end) {
  const std::size_t at = text.find(word);
  if (at == text.npos) return {};
  text.remove_prefix(at + word.size());
  return text.substr(0, std::min(text.find(end), text.size()));
}

// Of "runtime error: file a.xsl line 3 element value-of".
std::string place_of(std::string_view text, std::string_view main) {
  const std::string_view file =
      behind(text, ": file ",
             text.find(" line ") == text.npos ? std::string_view(" element ")
                                              : std::string_view(" line "));
  const std::string_view line = behind(text, " line ", " ");
  const std::string_view element = behind(text, " element ", "\n");
  std::string place;
  if (!file.empty() && file != main) place = fmt::format("{}: ", file);
  if (!line.empty() && line != "0") place += fmt::format("line {}", line);
  if (!element.empty()) {
    place +=
        fmt::format("{}element {}", place.empty() || place.ends_with(' ') ? "" : ", ", element);
  }
  return place.empty() || place.ends_with(' ') ? place : place + ": ";
}

}  // namespace

void XsltMessages::add(std::string_view text) {
  if (text.starts_with("compilation error") || text.starts_with("runtime error")) {
    place_ = place_of(text, main_);
    expects_error_ = true;
  } else if (trimmed(text).empty()) {
    return;
  } else if (!expects_error_) {
    message_ = trimmed(text);
  } else {
    expects_error_ = false;
    std::string_view error = trimmed(text);
    if (error.ends_with('.')) error.remove_suffix(1);
    if (error_.empty()) error_ = place_ + std::string(error);
  }
}

}  // namespace docmill
