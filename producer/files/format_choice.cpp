#include "producer/files/format_choice.h"

#include "shared/document/format_guess.h"

namespace docmill {
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
  return guess_format(document);
}

}  // namespace docmill
