// A tape, or a part of it, back to JSON text. Pure functions.
#pragma once

#include <cstdint>
#include <string>

#include "shared/document/json_tape.h"

namespace docmill {

// Appends the node and its descendants on one line, without white space between the tokens. Strings
// and numbers stand as they are written in the source.
void append_json(const JsonTape& tape, std::uint32_t node, std::string& out);

// What a scalar says: a string's content, a lexeme, nothing for null.
std::string json_content(const JsonTape& tape, std::uint32_t node);

}  // namespace docmill
