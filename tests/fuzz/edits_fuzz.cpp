// A path, a name, a value and a document, a line each: whatever an edit makes of it is a document
// again, of XML by XPath and of JSON by pointer.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "shared/document/json_edit.h"
#include "shared/document/json_scanner.h"
#include "shared/document/utf8.h"
#include "shared/document/xml_tree.h"

namespace {

using namespace docmill;

[[noreturn]] void fail(const char* what, const std::string& text) {
  std::fprintf(stderr, "%s: %s\n", what, text.c_str());
  std::abort();
}

std::string_view cut_line(std::string_view& rest) {
  const std::size_t end = rest.find('\n');
  const std::string_view line = rest.substr(0, end);
  rest.remove_prefix(end == rest.npos ? rest.size() : end + 1);
  return line;
}

struct Edit {
  std::string_view path;
  std::string_view name;
  std::string_view value;
};

void check_xml(const XmlTree& tree, const char* what) {
  static XmlReader reader;
  std::string written;
  tree.write(written);
  if (const auto read = reader.read(written); !read) {
    fail(what, written + " - " + read.error().text);
  }
}

void edit_xml(const Edit& edit, std::string_view xml) {
  static XmlTree tree;
  const auto target = XmlTarget::compile(edit.path);
  if (!target || !tree.load(xml)) return;
  if (tree.set(*target, edit.value)) check_xml(tree, "after set");
  if (tree.add(*target, {edit.name, edit.value, edit.name.size() % 2 == 0})) {
    check_xml(tree, "after add");
  }
  for (XmlElement element : tree.root().iterate()) {
    (void)element.set_attribute(edit.name, edit.value);
  }
  (void)tree.root().add(edit.name, edit.value);
  check_xml(tree, "after changes of elements");
  if (tree.rename(*target, edit.name)) check_xml(tree, "after rename");
  if (tree.remove(*target)) check_xml(tree, "after remove");
}

void check_json(const std::string& json, const char* what) {
  static JsonScanner scanner({.duplicates = DuplicateKeys::kLast});
  static JsonTape tape;
  if (const auto scanned = scanner.scan(json, tape); !scanned) {
    fail(what, json + " - " + scanned.error().text);
  }
}

void edit_json(const Edit& edit, std::string_view json) {
  static JsonScanner scanner;
  static JsonTape tape;
  const auto pointer = JsonPointer::parse(edit.path);
  const auto value = parse_json_value(edit.value);
  if (!pointer || !scanner.scan(json, tape)) return;
  const auto place = pointer->find(tape);
  if (!place) return;
  std::string out;
  if (place->key != JsonPlace::kNone && is_utf8(edit.name)) {
    rename_member(tape, *place, edit.name, out);
    check_json(out, "after rename");
  }
  if (place->parent != JsonPlace::kNone) {
    out.clear();
    remove_value(tape, *place, out);
    check_json(out, "after remove");
  }
  if (!value) return;
  out.clear();
  replace_value(tape, place->value, *value, out);
  check_json(out, "after set");
  out.clear();
  const JsonNode::Kind kind = tape.nodes[place->value].kind;
  const JsonEnd end = edit.value.size() % 2 == 0 ? JsonEnd::kFirst : JsonEnd::kLast;
  if (kind == JsonNode::Kind::kArray) {
    insert_item(tape, place->value, end, *value, out);
    check_json(out, "after add of an item");
  } else if (kind == JsonNode::Kind::kObject) {
    insert_member(tape, place->value, end, "new", *value, out);
    check_json(out, "after add of a member");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  Edit edit;
  edit.path = cut_line(rest);
  edit.name = cut_line(rest);
  edit.value = cut_line(rest);
  edit_xml(edit, rest);
  edit_json(edit, rest);
  return 0;
}
