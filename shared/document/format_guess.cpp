#include "shared/document/format_guess.h"

namespace docmill {

Format guess_format(std::string_view document) {
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

}  // namespace docmill
