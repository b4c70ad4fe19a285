// FormatChoice: what a pipeline file says the documents of a source are.
#pragma once

#include <array>
#include <string_view>

#include "shared/config/scalar.h"
#include "shared/document/document.h"

namespace docmill {

enum class FormatChoice { kAuto, kXml, kJson, kText };

constexpr std::array<EnumName<FormatChoice>, 4> enum_names(FormatChoice) {
  return {{{"auto", FormatChoice::kAuto},
           {"xml", FormatChoice::kXml},
           {"json", FormatChoice::kJson},
           {"text", FormatChoice::kText}}};
}

// auto: the first character decides: '<' is XML, '{' or '[' is JSON, everything else is text. White
// space and a byte order mark do not count; XML may be UTF-16.
Format format_of(FormatChoice choice, std::string_view document);

}  // namespace docmill
