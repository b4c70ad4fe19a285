// The lines in which two texts differ, for people: bounded, whatever the texts are. Pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace docmill {

struct DiffLine {
  enum class Kind { kSame, kExpected, kFound, kLeftOut };
  Kind kind = Kind::kSame;
  std::string text;  // one line without control characters; of kLeftOut what was left out
  bool operator==(const DiffLine&) const = default;
};

// Each difference with up to three lines around it. Looks at 1,000 lines from the first difference
// on, and gives at most 80, each cut to about 160 characters around where it differs. An empty text
// has no line. Both are UTF-8; what is not becomes U+FFFD.
std::vector<DiffLine> line_diff(std::string_view expected, std::string_view found);

}  // namespace docmill
