#include "transformer/processors/set.h"

#include <fmt/format.h>

#include "shared/config/schema.h"
#include "transformer/new_value.h"
#include "transformer/open_document.h"

namespace docmill {
namespace {

struct SetConfig {
  std::string path;
  std::optional<std::string> value;
  std::optional<std::string> json;
  PathNamespaces namespaces;
};

// In place of the value at the pointer, or as a new member or item of its parent.
Result<void> set_json(const JsonTape& tape, const JsonPointer& pointer, const std::string& value,
                      std::string& out) {
  if (const auto place = pointer.find(tape)) {
    replace_value(tape, place->value, value, out);
    return {};
  }
  if (const auto parent = pointer.find_parent(tape)) {
    const JsonNode::Kind kind = tape.nodes[parent->value].kind;
    const std::string& last = pointer.steps().back();
    if (kind == JsonNode::Kind::kObject) {
      insert_member(tape, parent->value, JsonEnd::kLast, last, value, out);
      return {};
    }
    if (kind == JsonNode::Kind::kArray && last == "-") {
      insert_item(tape, parent->value, JsonEnd::kLast, value, out);
      return {};
    }
  }
  return malformed(fmt::format("{}: nothing in the document matches, and no parent to create it in",
                               pointer.text()));
}

class Set final : public Processor {
 public:
  Set(DocumentPath<XmlTarget> path, NewValue value, const ProcessorContext& context)
      : path_(std::move(path)), value_(std::move(value)), document_(context) {}

  Result<void> process(const DocumentView& document, Emitter& emitter) override {
    if (auto loaded = document_.load(document, emitter); !loaded) return loaded;
    if (document_.is_json()) {
      auto pointer = path_.for_json();
      if (!pointer) return pointer.error();
      auto set =
          set_json(document_.json(), **pointer, value_.for_json(), emitter.begin(Format::kJson));
      if (!set) return set;
    } else {
      auto target = path_.for_xml();
      if (!target) return target.error();
      auto text = value_.for_xml();
      if (!text) return text.error();
      if (auto set = document_.xml().set(**target, *text); !set) return set;
      document_.xml().write(emitter.begin(Format::kXml));
    }
    emitter.end();
    return {};
  }

 private:
  DocumentPath<XmlTarget> path_;
  NewValue value_;
  OpenDocument document_;
};

Result<std::unique_ptr<Processor>> make(const std::any& settings, const ProcessorContext& context) {
  const auto& config = std::any_cast<const SetConfig&>(settings);
  auto path = DocumentPath<XmlTarget>::compile(config.path, config.namespaces);
  if (!path) return path.error();
  auto value = NewValue::make(config.value, config.json);
  if (!value) return value.error();
  return std::unique_ptr<Processor>(
      std::make_unique<Set>(std::move(*path), std::move(*value), context));
}

std::optional<std::string> problem(const SetConfig& config) {
  return path_problem<XmlTarget>(config.path, config.namespaces);
}

}  // namespace

ProcessorComponent set_processor() {
  return {Schema<SetConfig>(
              "set",
              "Gives every element or attribute of an XPath, or the value at a JSON Pointer, this "
              "content. One that is missing is created where its parent exists. JSON keeps all "
              "other bytes.")
              .field("path", &SetConfig::path,
                     "For XML an XPath from the root element, '@name' at its end is an attribute; "
                     "for JSON a JSON Pointer, '-' at its end is a new item.",
                     required, example("price"))
              .field("value", &SetConfig::value, kValueMeaning, example("12.00"))
              .field("json", &SetConfig::json, kJsonMeaning, example("12.00"), check(check_json))
              .field("namespaces", &SetConfig::namespaces, kNamespacesMeaning,
                     example("{ o: 'urn:orders' }"))
              .exactly_one({"value", "json"})
              .consistent(problem),
          make};
}

}  // namespace docmill
