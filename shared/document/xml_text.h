// XML's ways of writing characters: references and line ends out of bytes that were checked, and
// content into XML that reads back as the same content.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace docmill {

// A place in a text: lines and columns count from 1, columns in characters.
struct TextPlace {
  std::uint64_t line = 1;
  std::uint64_t column = 1;
};
TextPlace locate(std::string_view bytes, std::size_t offset);

// How the bytes stand in the document, which decides what is decoded.
enum class XmlContent { kText, kCdata, kAttribute };

// Appends what the bytes mean. They come from a document that the scanner accepted.
void append_decoded(std::string& out, std::string_view bytes, XmlContent content);

// Appends the content so that it can stand between tags.
void append_text(std::string& out, std::string_view content);
// Appends the content so that it can stand in double quotes.
void append_attribute(std::string& out, std::string_view content);

// Whether all of it is UTF-8 and made of characters that XML can carry.
bool is_xml_text(std::string_view content);
// Whether it is a name with at most one ':' between two parts, as in 'p:name'.
bool is_qname(std::string_view name);

// Python's str.strip(): white space of Unicode taken off both ends of UTF-8 text.
std::string_view strip_ends(std::string_view text);
inline std::string_view strip(std::string_view text) {
  const auto plain = [](char c) { return static_cast<signed char>(c) > ' '; };
  return text.empty() || (plain(text.front()) && plain(text.back())) ? text : strip_ends(text);
}

}  // namespace docmill
