#include "shared/document/listed_xml.h"

#include "shared/document/json_writer.h"

namespace docmill {
namespace {

using Kind = JsonNode::Kind;

bool is_container(const JsonNode& node) {
  return node.kind == Kind::kObject || node.kind == Kind::kArray;
}

}  // namespace

bool ListedXml::fail(std::uint32_t node, std::string text) {
  failed_at_ = node;
  failure_ = std::move(text);
  return false;
}

bool ListedXml::at(std::uint32_t node, bool done) {
  if (!done && failed_at_ == 0) failed_at_ = node;
  return done;
}

bool ListedXml::write() {
  const JsonNode& top = tape_.nodes[0];
  const bool around = marks_ && top.kind == Kind::kObject && top.end > 1 &&
                      tape_.nodes[2].end == top.end && json_content(tape_, 1) == "#document";
  return around ? contents(2) : element(0);
}

bool ListedXml::contents(std::uint32_t list) {
  const JsonNode& node = tape_.nodes[list];
  if (node.kind != Kind::kArray) return fail(list, "expected a list of contents");
  for (std::uint32_t i = list + 1; i < node.end; i = tape_.nodes[i].end) {
    if (!child(i)) return false;
  }
  return true;
}

bool ListedXml::element(std::uint32_t list) {
  const JsonNode& node = tape_.nodes[list];
  if (node.kind != Kind::kArray || node.end == list + 1 ||
      tape_.nodes[list + 1].kind != Kind::kString) {
    return fail(list, "expected a list that begins with the name of an element");
  }
  const std::string name = json_content(tape_, list + 1);
  if (!at(list + 1, xml_.open(name))) return false;
  std::uint32_t i = list + 2;
  // An object is that of the attributes when it comes first and is none of the marks.
  if (i < node.end && tape_.nodes[i].kind == Kind::kObject && !is_mark(i)) {
    if (!attributes(i)) return false;
    i = tape_.nodes[i].end;
  }
  for (; i < node.end; i = tape_.nodes[i].end) {
    if (!child(i)) return false;
  }
  xml_.close(name);
  return true;
}

// Attributes never begin with '#', which is no name of XML.
bool ListedXml::is_mark(std::uint32_t object) const {
  return tape_.nodes[object].end > object + 1 &&
         tape_.text(tape_.nodes[object + 1]).starts_with('#');
}

bool ListedXml::attributes(std::uint32_t object) {
  const std::uint32_t end = tape_.nodes[object].end;
  for (std::uint32_t i = object + 1; i < end; i = tape_.nodes[i + 1].end) {
    if (is_container(tape_.nodes[i + 1])) {
      return fail(i + 1, "expected a string, number, boolean or null as the value of an attribute");
    }
    if (!at(i, xml_.attribute(json_content(tape_, i), json_content(tape_, i + 1)))) return false;
  }
  return true;
}

bool ListedXml::child(std::uint32_t node) {
  const Kind kind = tape_.nodes[node].kind;
  if (kind == Kind::kArray) return element(node);
  if (kind != Kind::kObject) return at(node, xml_.text(json_content(tape_, node)));
  return mark(node);
}

bool ListedXml::mark(std::uint32_t object) {
  const JsonNode& node = tape_.nodes[object];
  const bool one = marks_ && node.end > object + 1 && tape_.nodes[object + 2].end == node.end;
  const std::string key = one ? json_content(tape_, object + 1) : "";
  const std::uint32_t value = object + 2;
  if (key == "#pi") return instruction(value);
  if ((key == "#comment" || key == "#cdata") && tape_.nodes[value].kind == Kind::kString) {
    const std::string content = json_content(tape_, value);
    return at(value, key == "#cdata" ? xml_.cdata(content) : xml_.comment(content));
  }
  return fail(object, marks_
                          ? "expected text, a list, {\"#comment\":\"..\"}, {\"#cdata\":\"..\"} or "
                            "{\"#pi\":[\"target\",\"data\"]} as a child"
                          : "expected text or a list as a child; attributes come right after "
                            "the name");
}

bool ListedXml::instruction(std::uint32_t list) {
  const std::vector<JsonNode>& nodes = tape_.nodes;
  const bool two = nodes[list].kind == Kind::kArray && nodes[list].end == list + 3 &&
                   nodes[list + 1].kind == Kind::kString && nodes[list + 2].kind == Kind::kString;
  if (!two) return fail(list, "expected a target and data, both strings, as \"#pi\"");
  return at(list, xml_.instruction(json_content(tape_, list + 1), json_content(tape_, list + 2)));
}

}  // namespace docmill
