#include "shared/document/xpath31_reader.h"

#include <fmt/format.h>

#include <algorithm>

#include "shared/document/json_text.h"
#include "shared/document/json_writer.h"
#include "shared/document/xml_text.h"
#include "shared/document/xpath31_writer.h"

namespace docmill {
namespace {

using Kind = XmlNode::Kind;

}  // namespace

Result<void> Xpath31Reader::read(const XmlTape& tape, std::string& out) {
  tape_ = &tape;
  out_ = &out;
  const std::size_t begin = out.size();
  bool done = right_namespace() && value(tape.root, false);
  if (done) {
    // Keys that come twice show when the whole is JSON.
    const auto scanned = scanner_.scan(std::string_view(out).substr(begin), lexeme_);
    if (!scanned) done = fail(tape.nodes[tape.root], "as JSON: " + scanned.error().text);
  }
  if (done) return {};
  out.resize(begin);
  return error_;
}

bool Xpath31Reader::fail(const XmlNode& at, std::string text) {
  const TextPlace place = locate(tape_->source, at.start);
  error_.text = fmt::format("line {}, column {}: {}", place.line, place.column, text);
  return false;
}

bool Xpath31Reader::right_namespace() {
  const XmlNode& root = tape_->nodes[tape_->root];
  const std::string_view name = tape_->text(root);
  const std::size_t colon = name.find(':');
  prefix_ = colon == std::string_view::npos ? "" : name.substr(0, colon + 1);
  const std::string declaration =
      prefix_.empty() ? "xmlns" : "xmlns:" + prefix_.substr(0, prefix_.size() - 1);
  const std::uint32_t end = tape_->content_of(tape_->root);
  for (std::uint32_t i = tape_->root + 1; i < end; ++i) {
    const XmlNode& attribute = tape_->nodes[i];
    if (tape_->text(attribute) == declaration && tape_->value(attribute) == kXpathNamespace) {
      return true;
    }
  }
  return fail(root, fmt::format("expected an element of {}, found '{}'", kXpathNamespace, name));
}

bool Xpath31Reader::read_attributes(std::uint32_t element, Attributes& attributes) {
  const std::uint32_t end = tape_->content_of(element);
  for (std::uint32_t i = element + 1; i < end; ++i) {
    const XmlNode& attribute = tape_->nodes[i];
    const std::string_view name = tape_->text(attribute);
    const std::string_view value = tape_->value(attribute);
    if (name == "key") {
      attributes.key = &attribute;
    } else if (name == "escaped" || name == "escaped-key") {
      const bool yes = value == "true" || value == "1";
      if (!yes && value != "false" && value != "0") {
        return fail(attribute,
                    fmt::format("expected true or false as {}, found '{}'", name, value));
      }
      (name == "escaped" ? attributes.escaped : attributes.escaped_key) = yes;
    } else if (name.find(':') == std::string_view::npos && name != "xmlns") {
      return fail(attribute, fmt::format("expected key, escaped or escaped-key, found '{}'", name));
    }
  }
  return true;
}

bool Xpath31Reader::value(std::uint32_t element, bool keyed) {
  const XmlNode& node = tape_->nodes[element];
  Attributes attributes;
  if (!read_attributes(element, attributes)) return false;
  if (keyed) {
    if (attributes.key == nullptr)
      return fail(node, "expected the attribute 'key' inside of a map");
    std::string key;
    append_decoded(key, tape_->value(*attributes.key), XmlContent::kAttribute);
    if (!string(*attributes.key, key, attributes.escaped_key)) return false;
    *out_ += ':';
  }
  std::string_view kind = tape_->text(node);
  if (!kind.starts_with(prefix_)) kind = "";
  kind.remove_prefix(std::min(prefix_.size(), kind.size()));
  if (kind == "map" || kind == "array") return container(element, kind == "map");
  if (node.has_elements) return fail(node, "expected no elements but in a map or an array");
  return scalar(element, kind, attributes);
}

bool Xpath31Reader::container(std::uint32_t element, bool map) {
  const XmlNode& node = tape_->nodes[element];
  if (node.has_text) return fail(node, "expected elements only in a map or an array, found text");
  *out_ += map ? '{' : '[';
  bool first = true;
  for (std::uint32_t i = tape_->content_of(element); i < node.end; i = tape_->next_of(i)) {
    if (tape_->nodes[i].kind != Kind::kElement) continue;
    if (!first) *out_ += ',';
    first = false;
    if (!value(i, map)) return false;
  }
  *out_ += map ? '}' : ']';
  return true;
}

bool Xpath31Reader::scalar(std::uint32_t element, std::string_view kind,
                           const Attributes& attributes) {
  const XmlNode& node = tape_->nodes[element];
  std::string text;
  tape_->append_own_text(element, text);
  if (kind == "string") return string(node, text, attributes.escaped);
  const std::string_view word = strip(text);
  if (kind == "null" && word.empty()) {
    *out_ += "null";
  } else if (kind == "boolean" && (word == "true" || word == "1")) {
    *out_ += "true";
  } else if (kind == "boolean" && (word == "false" || word == "0")) {
    *out_ += "false";
  } else if (kind == "number" && scanner_.scan(word, lexeme_) &&
             lexeme_.nodes[0].kind == JsonNode::Kind::kNumber) {
    *out_ += word;
  } else if (kind == "null" || kind == "boolean" || kind == "number") {
    return fail(node, fmt::format("expected a {} of JSON, found '{}'", kind, word.substr(0, 40)));
  } else {
    return fail(node,
                fmt::format("expected map, array, string, number, boolean or null, found '{}'",
                            tape_->text(node)));
  }
  return true;
}

bool Xpath31Reader::string(const XmlNode& at, const std::string& content, bool escaped) {
  if (!escaped) {
    append_json_string(*out_, content);
    return true;
  }
  const std::string quoted = quote_escaped(content);
  if (!scanner_.scan(quoted, lexeme_)) {
    return fail(at, fmt::format("expected escapes of JSON, because it is escaped, found '{}'",
                                std::string_view(content).substr(0, 40)));
  }
  append_json_string(*out_, json_content(lexeme_, 0));
  return true;
}

}  // namespace docmill
