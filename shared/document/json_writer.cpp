#include "shared/document/json_writer.h"

#include <string_view>
#include <vector>

#include "shared/document/json_text.h"

namespace docmill {
namespace {

using Kind = JsonNode::Kind;

bool is_container(const JsonNode& node) {
  return node.kind == Kind::kObject || node.kind == Kind::kArray;
}

void append_token(const JsonTape& tape, const JsonNode& node, std::string& out) {
  const bool quoted = node.kind == Kind::kString;
  if (quoted) out += '"';
  out += tape.text(node);
  if (quoted) out += '"';
}

struct Open {
  std::uint32_t end;
  bool object;
  bool at_key;
};

}  // namespace

void append_json(const JsonTape& tape, std::uint32_t node, std::string& out) {
  if (tape.minified) return append_token(tape, tape.nodes[node], out);
  std::vector<Open> open;
  for (std::uint32_t i = node;;) {
    const JsonNode& value = tape.nodes[i++];
    if (is_container(value)) {
      const bool object = value.kind == Kind::kObject;
      out += object ? '{' : '[';
      open.push_back({value.end, object, object});
    } else {
      append_token(tape, value, out);
      if (!open.empty() && open.back().at_key) {
        out += ':';
        open.back().at_key = false;
        continue;
      }
    }
    const bool opened = is_container(value);
    for (; !open.empty() && open.back().end == i; open.pop_back()) {
      out += open.back().object ? '}' : ']';
    }
    if (open.empty()) return;
    if (opened && value.end != i) continue;
    open.back().at_key = open.back().object;
    out += ',';
  }
}

std::string json_content(const JsonTape& tape, std::uint32_t node) {
  const JsonNode& scalar = tape.nodes[node];
  std::string content;
  if (scalar.kind == Kind::kString) {
    append_json_decoded(content, tape.text(scalar));
  } else if (scalar.kind != Kind::kNull) {
    content = tape.text(scalar);
  }
  return content;
}

}  // namespace docmill
