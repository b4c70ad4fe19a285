#include "shared/document/xpath31_writer.h"

#include <fmt/format.h>

#include <iterator>

#include "shared/document/json_text.h"
#include "shared/document/utf8.h"
#include "shared/document/xml_text.h"

namespace docmill {
namespace {

using Kind = JsonNode::Kind;

std::string_view element_name(Kind kind) {
  switch (kind) {
    case Kind::kObject:
      return "map";
    case Kind::kArray:
      return "array";
    case Kind::kString:
      return "string";
    case Kind::kNumber:
      return "number";
    case Kind::kNull:
      return "null";
    default:
      return "boolean";
  }
}

// The escape of a character that the recommendation calls special: the backslash, U+0000 to U+001F,
// U+007F to U+009F and what XML cannot carry. Empty for the others.
std::string escape_of(std::string_view character) {
  constexpr std::string_view kShort = "\\\b\f\n\r\t";
  constexpr std::string_view kLetters = "\\bfnrt";
  const auto byte = [character](std::size_t i) { return static_cast<std::uint8_t>(character[i]); };
  if (character.size() == 1) {
    const std::size_t letter = kShort.find(character[0]);
    if (letter != std::string_view::npos) return {'\\', kLetters[letter]};
    if (byte(0) >= 0x20 && byte(0) != 0x7F) return {};
    return fmt::format("\\u{:04X}", byte(0));
  }
  if (byte(0) == 0xC2 && byte(1) < 0xA0) return fmt::format("\\u{:04X}", byte(1));
  if (character == "\xEF\xBF\xBE") return "\\uFFFE";
  if (character == "\xEF\xBF\xBF") return "\\uFFFF";
  return {};
}

}  // namespace

Result<void> Xpath31Writer::write(const JsonTape& tape, std::string& out) {
  tape_ = &tape;
  out_ = &out;
  losses_ = {};
  refused_ = nullptr;
  const std::size_t begin = out.size();
  element(kNoKey, 0);
  if (refused_ == nullptr) return {};
  out.resize(begin);
  const TextPlace place = locate(tape.source, refused_->start - 1);
  return malformed(
      fmt::format("line {}, column {}: the string has a character that XML cannot "
                  "carry; replace or escape it",
                  place.line, place.column));
}

void Xpath31Writer::element(std::uint32_t key, std::uint32_t value) {
  const JsonNode& node = tape_->nodes[value];
  const std::string_view name = element_name(node.kind);
  fmt::format_to(std::back_inserter(*out_), "<{}", name);
  if (value == 0) fmt::format_to(std::back_inserter(*out_), " xmlns=\"{}\"", kXpathNamespace);
  if (key != kNoKey) {
    if (prepare(tape_->nodes[key])) *out_ += " escaped-key=\"true\"";
    *out_ += " key=\"";
    append_attribute(*out_, content_);
    *out_ += '"';
  }
  const bool container = node.kind == Kind::kObject || node.kind == Kind::kArray;
  if (node.kind == Kind::kString && prepare(node)) *out_ += " escaped=\"true\"";
  const bool empty = container                    ? node.end == value + 1
                     : node.kind == Kind::kString ? content_.empty()
                                                  : node.kind == Kind::kNull;
  if (empty) {
    *out_ += "/>";
    return;
  }
  *out_ += '>';
  content(value);
  fmt::format_to(std::back_inserter(*out_), "</{}>", name);
}

void Xpath31Writer::content(std::uint32_t value) {
  const JsonNode& node = tape_->nodes[value];
  if (node.kind == Kind::kString) {
    append_text(*out_, content_);
  } else if (node.kind == Kind::kObject) {
    for (std::uint32_t key = value + 1; key < node.end; key = tape_->nodes[key + 1].end) {
      element(key, key + 1);
    }
  } else if (node.kind == Kind::kArray) {
    for (std::uint32_t i = value + 1; i < node.end; i = tape_->nodes[i].end) element(kNoKey, i);
  } else {
    *out_ += tape_->text(node);
  }
}

bool Xpath31Writer::prepare(const JsonNode& node) {
  decoded_.clear();
  append_json_decoded(decoded_, tape_->text(node));
  content_.clear();
  bool escaped = false;
  for (std::string_view rest = decoded_; !rest.empty();) {
    const std::string_view character = rest.substr(0, utf8_length(rest));
    rest.remove_prefix(character.size());
    const std::string escape = controls_ == ControlCharacters::kEscape ? escape_of(character) : "";
    escaped = escaped || !escape.empty();
    if (!escape.empty()) {
      content_ += escape;
    } else if (is_xml_text(character)) {
      content_ += character;
    } else {
      content_ += "\xEF\xBF\xBD";
      losses_.add(Loss::kCharacter);
      if (controls_ == ControlCharacters::kReject && refused_ == nullptr) refused_ = &node;
    }
  }
  return escaped;
}

}  // namespace docmill
