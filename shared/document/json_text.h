// Text into JSON: strings, one-line documents, and bytes that are not text. Pure functions.
#pragma once

#include <string>
#include <string_view>

namespace docmill {

// Whether all of it is UTF-8 (RFC 3629).
bool is_utf8(std::string_view bytes);

// Appends a JSON string (RFC 8259) in quotes. What is not UTF-8 becomes U+FFFD.
void append_json_string(std::string& out, std::string_view text);

// Whether a JSON document stands on one line. Where it does not, its line breaks are white space
// between tokens, since none can stand inside of a string.
bool is_one_line(std::string_view document);

// RFC 4648, with padding.
void append_base64(std::string& out, std::string_view bytes);

}  // namespace docmill
