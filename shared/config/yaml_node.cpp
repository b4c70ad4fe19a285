#include "shared/config/yaml_node.h"

#include <fmt/format.h>

#include <algorithm>

#include "shared/config/findings.h"

namespace docmill {
namespace {

std::string double_quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20 || byte == 0x7F) {
      out += fmt::format("\\u{:04x}", byte);
    } else {
      out += c;
    }
  }
  return out + '"';
}

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

std::vector<const YamlEntry*> by_key(const std::vector<YamlEntry>& entries) {
  std::vector<const YamlEntry*> sorted;
  for (const YamlEntry& entry : entries) sorted.push_back(&entry);
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const YamlEntry* a, const YamlEntry* b) { return a->key < b->key; });
  return sorted;
}

}  // namespace

const YamlNode* YamlNode::find(std::string_view key) const {
  for (const YamlEntry& entry : entries) {
    if (entry.key == key) return &entry.value;
  }
  return nullptr;
}

std::string found(const YamlNode& node) {
  switch (node.kind) {
    case YamlNode::Kind::kScalar:
      return quote(node.text);
    case YamlNode::Kind::kList:
      return "a list";
    case YamlNode::Kind::kMap:
      return "a mapping";
    case YamlNode::Kind::kNull:
      break;
  }
  return "nothing";
}

std::string canonical_text(const YamlNode& node) {
  if (node.kind == YamlNode::Kind::kNull) return "null";
  if (node.kind == YamlNode::Kind::kScalar) return double_quoted(node.text);
  std::string out;
  if (node.kind == YamlNode::Kind::kList) {
    for (const YamlNode& item : node.items) {
      out += (out.empty() ? "" : ", ") + canonical_text(item);
    }
    return "[" + out + "]";
  }
  for (const YamlEntry* entry : by_key(node.entries)) {
    out += out.empty() ? "" : ", ";
    out += double_quoted(entry->key) + ": " + canonical_text(entry->value);
  }
  return "{" + out + "}";
}

std::string written(std::string_view scalar) {
  const auto plain = [](char c) {
    return is_letter_or_digit(c) || std::string_view("_./*{}-").find(c) != std::string_view::npos;
  };
  const bool is_plain = !scalar.empty() && scalar != "null" && scalar != "Null" &&
                        scalar != "NULL" &&
                        (is_letter_or_digit(scalar[0]) || scalar[0] == '/' || scalar[0] == '.') &&
                        std::all_of(scalar.begin(), scalar.end(), plain);
  return is_plain ? std::string(scalar) : double_quoted(scalar);
}

}  // namespace docmill
