// UTF-8 as RFC 3629 has it. Pure functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace docmill {

// The length of the character that begins the bytes, which are not empty; 0 when there is none (cut
// off, overlong, a surrogate, too large).
std::size_t utf8_length(std::string_view bytes);

// Whether all of it is UTF-8.
bool is_utf8(std::string_view bytes);

// The longest beginning of at most so many bytes that does not end within a character.
std::string_view utf8_beginning(std::string_view text, std::size_t bytes);

// Appends a code point, which is not a surrogate and not above 0x10FFFF.
void append_utf8(std::string& out, std::uint32_t c);

}  // namespace docmill
