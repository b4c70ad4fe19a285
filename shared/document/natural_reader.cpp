#include "shared/document/natural_reader.h"

#include <fmt/format.h>

#include <algorithm>

#include "shared/document/json_text.h"
#include "shared/document/natural_writer.h"
#include "shared/document/xml_name_escape.h"
#include "shared/document/xml_text.h"

namespace docmill {
namespace {

using Kind = XmlNode::Kind;

}  // namespace

Result<void> NaturalReader::read(const XmlTape& tape, std::string& out) {
  tape_ = &tape;
  out_ = &out;
  const std::size_t begin = out.size();
  children_.resize(1);
  prefix_.clear();
  Hints hints;
  find_prefix(tape.root);
  bool done = read_hints(tape.root, hints);
  if (done) {
    const bool root = hints.root || (!prefix_.empty() && name(tape.root) == prefix_ + "root");
    if (!root) {
      out += '{';
      key(tape.root);
    }
    if (hints.array) out += '[';
    done = typed_value(tape.root, hints);
    if (hints.array) out += ']';
    if (!root) out += '}';
  }
  if (done) return {};
  out.resize(begin);
  return error_;
}

bool NaturalReader::fail(const XmlNode& at, std::string text) {
  const TextPlace place = locate(tape_->source, at.start);
  error_.text = fmt::format("line {}, column {}: {}", place.line, place.column, text);
  return false;
}

void NaturalReader::find_prefix(std::uint32_t root) {
  const std::uint32_t end = tape_->content_of(root);
  for (std::uint32_t i = root + 1; i < end; ++i) {
    const XmlNode& attribute = tape_->nodes[i];
    const std::string_view text = tape_->text(attribute);
    if (!text.starts_with("xmlns:") || tape_->value(attribute) != kJsonNamespace) continue;
    prefix_ = text.substr(6);
    prefix_ += ':';
  }
}

bool NaturalReader::read_hints(std::uint32_t element, Hints& hints) {
  const std::uint32_t end = tape_->content_of(element);
  for (std::uint32_t i = element + 1; i < end; ++i) {
    const XmlNode& attribute = tape_->nodes[i];
    const std::string_view text = tape_->text(attribute);
    if (element == tape_->root && text.starts_with("xmlns")) continue;
    if (prefix_.empty() || !text.starts_with(prefix_)) {
      return fail(attribute, fmt::format("attribute '{}' has no place in JSON; only those of {} do",
                                         text, kJsonNamespace));
    }
    if (!set_hint(text.substr(prefix_.size()), attribute, hints)) return false;
  }
  return true;
}

bool NaturalReader::set_hint(std::string_view hint, const XmlNode& attribute, Hints& hints) {
  const std::string_view value = tape_->value(attribute);
  constexpr std::string_view kTypes[] = {"string", "number", "boolean", "null", "object", "array"};
  if (hint == "type") {
    if (std::find(std::begin(kTypes), std::end(kTypes), value) == std::end(kTypes)) {
      return fail(attribute, fmt::format("expected string, number, boolean, null, object or array "
                                         "as {}type, found '{}'",
                                         prefix_, value));
    }
    hints.type = value;
    return true;
  }
  bool* flag = hint == "array"     ? &hints.array
               : hint == "escaped" ? &hints.escaped
               : hint == "root"    ? &hints.root
                                   : nullptr;
  if (flag == nullptr) {
    return fail(attribute, fmt::format("expected {0}type, {0}array, {0}escaped or {0}root, found "
                                       "{0}{1}",
                                       prefix_, hint));
  }
  if (value != "true" && value != "false") {
    return fail(attribute,
                fmt::format("expected true or false as {}{}, found '{}'", prefix_, hint, value));
  }
  *flag = value == "true";
  return true;
}

bool NaturalReader::value(std::uint32_t element) {
  Hints hints;
  return read_hints(element, hints) && typed_value(element, hints);
}

bool NaturalReader::typed_value(std::uint32_t element, const Hints& hints) {
  const XmlNode& node = tape_->nodes[element];
  const bool container =
      hints.type == "object" || hints.type == "array" || (hints.type.empty() && node.has_elements);
  if (container && node.has_text) {
    return fail(node, fmt::format("element '{}' has text beside elements, or where its type has "
                                  "none",
                                  name(element)));
  }
  if (!container && node.has_elements) {
    return fail(node, fmt::format("element '{}' has elements, but its type is {}", name(element),
                                  hints.type));
  }
  if (!container) return text_value(element, hints);
  return hints.type == "array" ? array(element) : object(element);
}

bool NaturalReader::array(std::uint32_t element) {
  *out_ += '[';
  bool first = true;
  const std::uint32_t end = tape_->nodes[element].end;
  for (std::uint32_t i = tape_->content_of(element); i < end; i = tape_->next_of(i)) {
    if (tape_->nodes[i].kind != Kind::kElement) continue;
    if (!first) *out_ += ',';
    first = false;
    if (!value(i)) return false;
  }
  *out_ += ']';
  return true;
}

bool NaturalReader::object(std::uint32_t element) {
  const std::size_t base = children_.size();
  group(element);
  const std::size_t end = children_.size();
  *out_ += '{';
  bool first = true;
  for (std::size_t i = base; i < end; ++i) {
    if (!children_[i].head) continue;
    if (!first) *out_ += ',';
    first = false;
    if (!member(i)) return false;
  }
  *out_ += '}';
  children_.resize(base);
  return true;
}

bool NaturalReader::member(std::size_t head) {
  const std::uint32_t element = children_[head].node;
  key(element);
  Hints hints;
  if (!read_hints(element, hints)) return false;
  const bool list = hints.array || children_[head].next != 0;
  if (list) *out_ += '[';
  if (!typed_value(element, hints)) return false;
  for (std::size_t i = children_[head].next; i != 0; i = children_[i].next) {
    *out_ += ',';
    if (!value(children_[i].node)) return false;
  }
  if (list) *out_ += ']';
  return true;
}

void NaturalReader::group(std::uint32_t element) {
  const std::size_t base = children_.size();
  const std::uint32_t end = tape_->nodes[element].end;
  for (std::uint32_t i = tape_->content_of(element); i < end; i = tape_->next_of(i)) {
    if (tape_->nodes[i].kind == Kind::kElement) children_.push_back({.node = i});
  }
  // Names are sorted, not hashed: nobody can choose names that take longer.
  sorted_.clear();
  for (std::size_t i = base; i < children_.size(); ++i) {
    sorted_.push_back(static_cast<std::uint32_t>(i));
  }
  std::stable_sort(sorted_.begin(), sorted_.end(), [this](std::uint32_t a, std::uint32_t b) {
    return name(children_[a].node) < name(children_[b].node);
  });
  for (std::size_t i = 1; i < sorted_.size(); ++i) {
    Child& before = children_[sorted_[i - 1]];
    if (name(before.node) != name(children_[sorted_[i]].node)) continue;
    before.next = sorted_[i];
    children_[sorted_[i]].head = false;
  }
}

bool NaturalReader::text_value(std::uint32_t element, const Hints& hints) {
  if (hints.type == "null") {
    if (tape_->nodes[element].has_text) {
      return fail(tape_->nodes[element],
                  fmt::format("element '{}' is null, but has text", name(element)));
    }
    *out_ += "null";
    return true;
  }
  if (hints.type == "number" || hints.type == "boolean") return lexeme(element, hints.type);
  const std::string& text = own_text(element);
  if (!hints.escaped) {
    append_json_string(*out_, text);
    return true;
  }
  return escaped_string(element, quote_escaped(text));
}

bool NaturalReader::lexeme(std::uint32_t element, std::string_view type) {
  const std::string_view text = strip(own_text(element));
  using JsonKind = JsonNode::Kind;
  if (scanner_.scan(text, lexeme_)) {
    const JsonKind kind = lexeme_.nodes[0].kind;
    const bool boolean = kind == JsonKind::kTrue || kind == JsonKind::kFalse;
    if (type == "number" ? kind == JsonKind::kNumber : boolean) {
      *out_ += text;
      return true;
    }
  }
  return fail(tape_->nodes[element], fmt::format("expected a {} of JSON in '{}', found '{}'", type,
                                                 name(element), text.substr(0, 40)));
}

bool NaturalReader::escaped_string(std::uint32_t element, const std::string& quoted) {
  if (!scanner_.scan(quoted, lexeme_)) {
    return fail(tape_->nodes[element], fmt::format("expected escapes of JSON in '{}', because it "
                                                   "is {}escaped",
                                                   name(element), prefix_));
  }
  std::string content;
  append_json_decoded(content, lexeme_.text(lexeme_.nodes[0]));
  append_json_string(*out_, content);
  return true;
}

void NaturalReader::key(std::uint32_t element) {
  name_.clear();
  append_unescaped_name(name_, name(element));
  append_json_string(*out_, name_);
  *out_ += ':';
}

const std::string& NaturalReader::own_text(std::uint32_t element) {
  text_.clear();
  tape_->append_own_text(element, text_);
  return text_;
}

}  // namespace docmill
