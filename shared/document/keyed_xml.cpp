#include "shared/document/keyed_xml.h"

#include <fmt/format.h>

#include "shared/document/json_writer.h"
#include "shared/document/listed_xml.h"

namespace docmill {
namespace {

using Kind = JsonNode::Kind;

// What to_json names so where it is told to keep it.
bool is_aside(std::string_view key) {
  return key == "#comment" || key == "#cdata" || key.starts_with('?');
}

bool is_container(const JsonNode& node) {
  return node.kind == Kind::kObject || node.kind == Kind::kArray;
}

}  // namespace

bool KeyedXml::fail(std::uint32_t node, std::string text) {
  failed_at_ = node;
  failure_ = std::move(text);
  return false;
}

// Notes where it was when the XML could not be written.
bool KeyedXml::at(std::uint32_t node, bool done) {
  if (!done && failed_at_ == 0) failed_at_ = node;
  return done;
}

bool KeyedXml::write() {
  const JsonNode& top = tape_.nodes[0];
  if (top.kind != Kind::kObject || top.end == 1 || tape_.nodes[2].end != top.end) {
    return fail(0, "expected an object with one key, the name of the root element");
  }
  const JsonNode& root = tape_.nodes[2];
  if (root.kind != Kind::kArray) return element(1, 2);
  if (root.end == 3 || tape_.nodes[3].end != root.end) {
    return fail(2, "expected one root element, found a list of none or several");
  }
  return element(1, 3);
}

bool KeyedXml::elements(std::uint32_t key, std::uint32_t value) {
  const JsonNode& node = tape_.nodes[value];
  if (node.kind != Kind::kArray) return element(key, value);
  if (node.end == value + 1) losses_.add(Loss::kArray);
  for (std::uint32_t i = value + 1; i < node.end; i = tape_.nodes[i].end) {
    if (tape_.nodes[i].kind == Kind::kArray) {
      return fail(i, "a list inside of a list has no place in XML");
    }
    if (!element(key, i)) return false;
  }
  return true;
}

bool KeyedXml::element(std::uint32_t key, std::uint32_t value) {
  const std::string name = json_content(tape_, key);
  if (!at(key, xml_.open(name))) return false;
  if (tape_.nodes[value].kind == Kind::kObject) {
    if (!attributes(value) || !children(value)) return false;
  } else if (!at(value, xml_.text(json_content(tape_, value)))) {
    return false;
  }
  xml_.close(name);
  return true;
}

bool KeyedXml::attributes(std::uint32_t object) {
  const std::uint32_t end = tape_.nodes[object].end;
  for (std::uint32_t i = object + 1; i < end; i = tape_.nodes[i + 1].end) {
    const std::string key = json_content(tape_, i);
    if (!key.starts_with('@')) continue;
    const bool nested = key == "@xmlns" && tape_.nodes[i + 1].kind == Kind::kObject;
    if (!(nested ? namespaces(i + 1) : attribute(key.substr(1), i))) return false;
  }
  return true;
}

// {"$":uri,"p":uri}; the default namespace is "$" in badgerfish, "" in compact.
bool KeyedXml::namespaces(std::uint32_t object) {
  const std::uint32_t end = tape_.nodes[object].end;
  for (std::uint32_t i = object + 1; i < end; i = tape_.nodes[i + 1].end) {
    const std::string prefix = json_content(tape_, i);
    const bool none = prefix.empty() || prefix == text_key_;
    if (!attribute(none ? "xmlns" : "xmlns:" + prefix, i)) return false;
  }
  return true;
}

bool KeyedXml::attribute(const std::string& name, std::uint32_t key) {
  if (is_container(tape_.nodes[key + 1])) {
    return fail(key + 1, "expected a string, number, boolean or null as the value of an attribute");
  }
  return at(key, xml_.attribute(name, json_content(tape_, key + 1)));
}

bool KeyedXml::children(std::uint32_t object) {
  // Text comes after the elements: a key has no place among them. xmltodict does the same.
  std::uint32_t text = 0;
  const std::uint32_t end = tape_.nodes[object].end;
  for (std::uint32_t i = object + 1; i < end; i = tape_.nodes[i + 1].end) {
    const std::string key = json_content(tape_, i);
    if (key.starts_with('@')) continue;
    if (key == text_key_) {
      text = i + 1;
    } else if (key == "#children") {
      if (!in_order(i + 1)) return false;
    } else if (is_aside(key)) {
      if (!asides(key, i + 1)) return false;
    } else if (!elements(i, i + 1)) {
      return false;
    }
  }
  return text == 0 || texts(text);
}

bool KeyedXml::in_order(std::uint32_t list) {
  ListedXml contents(tape_, true, xml_);
  return contents.contents(list) || fail(contents.failed_at(), contents.failure());
}

bool KeyedXml::asides(const std::string& key, std::uint32_t value) {
  if (tape_.nodes[value].kind != Kind::kArray) return aside(key, value);
  for (std::uint32_t i = value + 1; i < tape_.nodes[value].end; i = tape_.nodes[i].end) {
    if (!aside(key, i)) return false;
  }
  return true;
}

bool KeyedXml::aside(const std::string& key, std::uint32_t value) {
  if (is_container(tape_.nodes[value])) {
    return fail(value, fmt::format("expected a string as '{}'", key));
  }
  const std::string content = json_content(tape_, value);
  return at(value, key == "#comment" ? xml_.comment(content)
                   : key == "#cdata" ? xml_.cdata(content)
                                     : xml_.instruction(key.substr(1), content));
}

bool KeyedXml::texts(std::uint32_t value) {
  if (is_container(tape_.nodes[value])) {
    return fail(value, "expected a string, number, boolean or null as text");
  }
  return at(value, xml_.text(json_content(tape_, value)));
}

}  // namespace docmill
