// Any text as a name of XML and back: '_xHHHH_' for a character that cannot stand there, as in
// "unit price" -> unit_x0020_price. Pure functions.
#pragma once

#include <string>
#include <string_view>

namespace docmill {

// Appends a name without ':' that every edition of XML 1.0 accepts. text: UTF-8. A '_' before 'x'
// becomes '_x005F_', and empty text '_x_', so that different texts make different names.
void append_escaped_name(std::string& out, std::string_view text);

// Appends what the name stands for; what is no such escape stands for itself.
void append_unescaped_name(std::string& out, std::string_view name);

}  // namespace docmill
