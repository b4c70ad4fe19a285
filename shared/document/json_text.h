// JSON's ways of writing text, and bytes that are not text. Pure functions.
#pragma once

#include <string>
#include <string_view>

namespace docmill {

// Appends a JSON string (RFC 8259) in quotes. What is not UTF-8 becomes U+FFFD.
void append_json_string(std::string& out, std::string_view text);

// Appends what the bytes of a string mean. They come from between the quotes of a document that the
// scanner accepted.
void append_json_decoded(std::string& out, std::string_view bytes);

// Text that has escapes of JSON, but bare quotes and line ends too, as a JSON string in quotes.
// Whether the escapes are right is not looked at.
std::string quote_escaped(std::string_view text);

// RFC 4648, with padding.
void append_base64(std::string& out, std::string_view bytes);

}  // namespace docmill
