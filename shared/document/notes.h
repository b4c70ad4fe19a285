// Notes: what is known about a document beside its bytes, as names and texts.
//
// Kept as the members of a JSON object without its braces, `"loss":"order","key":"b7"`, so that an
// output can pass them on as they are. Names are words of ours; values are any text. Pure
// functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace docmill {

// What conversions lost (Losses::text()).
inline constexpr std::string_view kLossNote = "loss";
// Where outputs put the document, and what they know it by.
inline constexpr std::string_view kRouteNote = "route";
inline constexpr std::string_view kKeyNote = "key";

// Who read a document that is no XML, and made of it what it could.
inline constexpr std::string_view kParserNote = "parser";
inline constexpr std::string_view kLenientParser = "lenient";

// Gives the name this value, in place of the one that it has.
void set_note(std::string& notes, std::string_view name, std::string_view value);
// The value of the name; nullopt when it has none.
std::optional<std::string> find_note(std::string_view notes, std::string_view name);

}  // namespace docmill
