// Texts and values, comments and instructions. The structure is in object_writer.cpp.
#include <fmt/format.h>

#include <utility>

#include "shared/document/object_writer.h"

namespace docmill {

void ObjectWriter::write_child(std::uint32_t index) {
  const XmlNode& node = tape_->nodes[index];
  if (node.kind == XmlNode::Kind::kElement) return write_element(index);
  // The same line ends as in a CDATA section, and no references.
  const bool comment = node.kind == XmlNode::Kind::kComment;
  const std::string_view bytes = comment ? tape_->text(node) : tape_->value(node);
  const std::string_view text = decoded(bytes, node.exact, XmlContent::kCdata);
  json_.put_string(whitespace_ == WhitespacePolicy::kTrim ? strip(text) : text);
}

bool ObjectWriter::has_cdata(std::uint32_t index) const {
  const XmlNode& element = tape_->nodes[index];
  if (!options_.cdata || !element.has_text) return false;
  for (std::uint32_t i = index + 1; i < element.end;) {
    const XmlNode& node = tape_->nodes[i];
    if (node.kind == XmlNode::Kind::kCdata) return true;
    i = node.kind == XmlNode::Kind::kElement ? node.end : i + 1;
  }
  return false;
}

void ObjectWriter::write_plain(std::uint32_t element) {
  const std::string_view text = own_text(element, false);
  if (text.empty()) {
    json_.put(rules_.empty);
  } else if (rules_.text_alone) {
    write_value(text, element, {});
  } else {
    bool first = true;
    write_text(rules_.text_key, text, element, first);
    json_.put('}');
  }
}

void ObjectWriter::write_texts(std::uint32_t element, bool& first) {
  if (rules_.text_key.empty()) return;
  write_text(rules_.text_key, own_text(element, false), element, first);
  if (has_cdata(element)) {
    begin_member(first);
    json_.put("\"#cdata\":");
    write_value(own_text(element, true), element, {});
  }
}

void ObjectWriter::write_text(std::string_view key, std::string_view text, std::uint32_t element,
                              bool& first) {
  if (text.empty()) return;
  begin_member(first);
  json_.put(key);
  write_value(text, element, {});
}

std::string_view ObjectWriter::own_text(std::uint32_t index, bool cdata) {
  const XmlNode& element = tape_->nodes[index];
  if (!element.has_text &&
      (whitespace_ == WhitespacePolicy::kTrim ||
       (whitespace_ == WhitespacePolicy::kStripIgnorable && element.has_elements))) {
    return {};
  }
  // One exact piece is used where it stands; several, or encoded ones, are put together.
  std::string_view single;
  bool joined = false;
  scratch_.clear();
  for (std::uint32_t i = index + 1; i < element.end;) {
    const XmlNode& node = tape_->nodes[i];
    i = node.kind == XmlNode::Kind::kElement ? node.end : i + 1;
    const bool is_cdata = node.kind == XmlNode::Kind::kCdata;
    if (!is_cdata && node.kind != XmlNode::Kind::kText) continue;
    if (options_.cdata && is_cdata != cdata) continue;
    if (node.exact && single.empty() && !joined) {
      single = tape_->text(node);
      continue;
    }
    if (!std::exchange(joined, true)) scratch_ = single;
    append_decoded(scratch_, tape_->text(node), is_cdata ? XmlContent::kCdata : XmlContent::kText);
  }
  const std::string_view text = joined ? std::string_view(scratch_) : single;
  return whitespace_ == WhitespacePolicy::kTrim ? strip(text) : text;
}

void ObjectWriter::write_typed(std::string_view text, std::uint32_t element,
                               std::string_view attribute) {
  const std::string_view element_name = name(element);
  const std::optional<ValueType> type = options_.types.of(path_, element_name, attribute);
  if (!type) {
    return options_.infer_numbers && is_safe_number(text) ? json_.put(text)
                                                          : json_.put_string(text);
  }
  const std::optional<TypedValue> value = typed_value(text, *type);
  if (value) {
    if (!value->exact) losses_.add(Loss::kNumber);
    return value->quoted ? json_.put_string(value->text) : json_.put(value->text);
  }
  json_.put("null");
  if (failure_) return;
  const TextPlace place = locate(tape_->source, tape_->nodes[element].start);
  const auto types = enum_names(*type);
  failure_ = malformed(fmt::format(
      "line {}, column {}: expected {} in {}, found '{}'", place.line, place.column,
      types[static_cast<std::size_t>(*type)].first == "integer"
          ? "an integer"
          : fmt::format("a {}", types[static_cast<std::size_t>(*type)].first),
      attribute.empty() ? fmt::format("element '{}'", element_name)
                        : fmt::format("attribute '{}' of '{}'", attribute, element_name),
      text.substr(0, 40)));
}

}  // namespace docmill
