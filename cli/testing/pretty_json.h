// JSON over several lines, for people and for comparing. Pure functions.
#pragma once

#include <string>

#include "shared/document/json_tape.h"

namespace docmill {

// Appends the document: each member and each item on a line of its own, without commas, so that one
// more is one line more; numbers as they are written, strings by what they mean. Members stand in
// the order that they have in `like`, at the same place there, then those that it does not have;
// null: in their own order. So two documents say the same exactly when the text of one equals that
// of the other written like the first.
void append_pretty(const JsonTape& tape, const JsonTape* like, std::string& out);

}  // namespace docmill
