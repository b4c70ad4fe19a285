#include "producer/files/format_choice.h"

namespace docmill {
namespace {

Format guess(std::string_view document) {
  constexpr std::string_view kSkipped = "\xEF\xBB\xBF\xFF\xFE \t\r\n";
  std::size_t first = document.find_first_not_of(kSkipped);
  if (first == document.npos) return Format::kText;
  if (document[first] == '\0' && first + 1 < document.size()) ++first;  // UTF-16, big end first
  switch (document[first]) {
    case '<':
      return Format::kXml;
    case '{':
    case '[':
      return Format::kJson;
    default:
      return Format::kText;
  }
}

}  // namespace

Format format_of(FormatChoice choice, std::string_view document) {
  switch (choice) {
    case FormatChoice::kXml:
      return Format::kXml;
    case FormatChoice::kJson:
      return Format::kJson;
    case FormatChoice::kText:
      return Format::kText;
    case FormatChoice::kAuto:
      break;
  }
  return guess(document);
}

}  // namespace docmill
