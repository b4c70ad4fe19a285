// FilePattern: all names that an output may give its files, as one path with wildcards.
//
// Wildcards are control characters, which no path in a pipeline file may have. So a pattern is a
// path in every other respect: {sink} can be expanded and folders resolved. Pure functions.
#pragma once

#include <string>
#include <string_view>

namespace docmill {

inline constexpr char kDigit = '\x01';    // one digit
inline constexpr char kDigits = '\x02';   // one digit or more
inline constexpr char kAnyName = '\x03';  // one character or more, of one name

// Whether a path of one pattern may be a path of the other, or a folder above it.
bool patterns_meet(std::string_view one, std::string_view other);

// The pattern as people read it: "out/a-000001.json" for a number, "out/*.xml".
std::string readable(std::string_view pattern);

}  // namespace docmill
