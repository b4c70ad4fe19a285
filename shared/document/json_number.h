// What becomes of a number's lexeme where numbers are doubles. Pure functions.
#pragma once

#include <string_view>

#include "shared/document/json_tape.h"

namespace docmill {

// The double that is nearest; infinite when the number is too large for any.
double nearest_double(std::string_view lexeme);

// Whether the double, written with as few digits as give it back, is the same number: 1.10 and
// 1e2 are, 9007199254740993, 0.12345678901234567890 and 1e400 are not.
bool fits_double(std::string_view lexeme);
// Whether all numbers of a document do.
bool fit_doubles(const JsonTape& tape);

}  // namespace docmill
