#include "shared/document/natural_writer.h"

#include <fmt/format.h>

#include <utility>

#include "shared/document/json_text.h"
#include "shared/document/utf8.h"
#include "shared/document/xml_name_escape.h"
#include "shared/document/xml_text.h"

namespace docmill {
namespace {

using Kind = JsonNode::Kind;

// JSON's escapes for what XML cannot carry and for the backslash; the rest as it is.
void append_escaped_controls(std::string& out, std::string_view content, bool replace) {
  while (!content.empty()) {
    const std::string_view character = content.substr(0, utf8_length(content));
    if (!is_xml_text(character)) {
      if (replace) {
        out += "\xEF\xBF\xBD";
      } else if (character.size() == 1) {
        fmt::format_to(std::back_inserter(out), "\\u{:04x}",
                       static_cast<unsigned char>(character[0]));
      } else {
        out += character == "\xEF\xBF\xBE" ? "\\ufffe" : "\\uffff";
      }
    } else if (!replace && character == "\\") {
      out += "\\\\";
    } else {
      out += character;
    }
    content.remove_prefix(character.size());
  }
}

}  // namespace

NaturalWriter::NaturalWriter(NaturalOptions options) : options_(std::move(options)) {
  const std::string prefix = options_.hints ? "json:" : "";
  if (options_.root.empty()) options_.root = prefix + "root";
  if (options_.item.empty()) options_.item = prefix + "item";
}

Result<void> NaturalWriter::write(const JsonTape& tape, std::string& out) {
  tape_ = &tape;
  out_ = &out;
  losses_ = {};
  failed_ = false;
  const std::size_t begin = out.size();
  const JsonNode& top = tape.nodes[0];
  const bool one_member = top.kind == Kind::kObject && top.end > 1 && tape.nodes[2].end == top.end;
  hinted_ = false;
  if (one_member) {
    element(Role::kMember, 1, 2);
  } else {
    hinted_ = options_.root.starts_with("json:");
    element(Role::kRoot, 0, 0);
  }
  if (failed_) {
    out.resize(begin);
    const JsonNode& node = tape.nodes[refused_];
    const TextPlace place = locate(tape.source, node.start - 1);
    return malformed(
        fmt::format("line {}, column {}: the string has a character that XML cannot "
                    "carry; replace or escape it",
                    place.line, place.column));
  }
  if (hinted_) {
    const std::size_t name_end = out.find_first_of(" />", begin);
    out.insert(name_end, fmt::format(" xmlns:json=\"{}\"", kJsonNamespace));
  }
  return {};
}

void NaturalWriter::name(Role role, std::uint32_t key) {
  if (role == Role::kRoot) {
    *out_ += options_.root;
  } else if (role == Role::kItem) {
    *out_ += options_.item;
  } else {
    append_escaped_name(*out_, decoded(tape_->nodes[key]));
  }
}

void NaturalWriter::hint(std::string_view name_and_value, Loss without) {
  if (options_.hints) {
    hinted_ = true;
    out_->append(" json:").append(name_and_value);
  } else {
    losses_.add(without);
  }
}

void NaturalWriter::element(Role role, std::uint32_t key, std::uint32_t value) {
  const JsonNode& node = tape_->nodes[value];
  *out_ += '<';
  const std::size_t begin = out_->size();
  name(role, key);
  const std::size_t length = out_->size() - begin;
  if (role == Role::kRoot && options_.root != "json:root") hint("root=\"true\"", Loss::kType);
  if (role == Role::kOnlyItem) hint("array=\"true\"", Loss::kArray);

  const bool container = node.kind == Kind::kObject || node.kind == Kind::kArray;
  bool empty = container && node.end == value + 1;
  if (node.kind == Kind::kArray) {
    hint("type=\"array\"", Loss::kArray);
  } else if (node.kind == Kind::kObject) {
    if (empty) hint("type=\"object\"", Loss::kType);
  } else if (node.kind == Kind::kNumber) {
    hint("type=\"number\"", Loss::kNumber);
  } else if (node.kind == Kind::kNull) {
    hint("type=\"null\"", Loss::kType);
    empty = true;
  } else if (node.kind != Kind::kString) {
    hint("type=\"boolean\"", Loss::kType);
  } else {
    const Text text = prepare(node);
    if (text == Text::kEscaped) hint("escaped=\"true\"", Loss::kCharacter);
    if (text == Text::kReplaced) losses_.add(Loss::kCharacter);
    if (text == Text::kRefused && !std::exchange(failed_, true)) refused_ = value;
    empty = text_.empty();
  }
  if (empty) {
    *out_ += "/>";
    return;
  }
  *out_ += '>';
  if (node.kind == Kind::kObject) {
    members(value);
  } else if (node.kind == Kind::kArray) {
    items(value);
  } else {
    *out_ += node.kind == Kind::kString ? std::string_view(text_) : tape_->text(node);
  }
  *out_ += "</";
  out_->append(*out_, begin, length) += '>';
}

void NaturalWriter::members(std::uint32_t object) {
  const std::uint32_t end = tape_->nodes[object].end;
  for (std::uint32_t key = object + 1; key < end; key = tape_->nodes[key + 1].end) {
    const JsonNode& value = tape_->nodes[key + 1];
    if (value.kind != Kind::kArray) {
      element(Role::kMember, key, key + 1);
      continue;
    }
    const std::uint32_t first = key + 2;
    if (value.end == first) {  // nothing to repeat
      if (options_.hints) {
        element(Role::kMember, key, key + 1);
      } else {
        losses_.add(Loss::kArray);
      }
      continue;
    }
    const bool only = tape_->nodes[first].end == value.end;
    for (std::uint32_t i = first; i < value.end; i = tape_->nodes[i].end) {
      element(only ? Role::kOnlyItem : Role::kMember, key, i);
    }
  }
}

void NaturalWriter::items(std::uint32_t array) {
  const std::uint32_t end = tape_->nodes[array].end;
  for (std::uint32_t i = array + 1; i < end; i = tape_->nodes[i].end) element(Role::kItem, 0, i);
}

std::string_view NaturalWriter::decoded(const JsonNode& node) {
  if (node.exact) return tape_->text(node);
  content_.clear();
  append_json_decoded(content_, tape_->text(node));
  return content_;
}

NaturalWriter::Text NaturalWriter::prepare(const JsonNode& node) {
  text_.clear();
  const std::string_view content = decoded(node);
  if (is_xml_text(content)) {
    append_text(text_, content);
    return Text::kPlain;
  }
  if (options_.controls == ControlCharacters::kReject) return Text::kRefused;
  const bool replace = options_.controls == ControlCharacters::kReplace;
  std::string carried;
  append_escaped_controls(carried, content, replace);
  append_text(text_, carried);
  return replace ? Text::kReplaced : Text::kEscaped;
}

}  // namespace docmill
