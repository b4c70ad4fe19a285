#include "transformer/processors/add.h"

#include <fmt/format.h>

#include <array>

#include "shared/config/schema.h"
#include "transformer/new_value.h"
#include "transformer/open_document.h"

namespace docmill {

constexpr std::array<EnumName<JsonEnd>, 2> enum_names(JsonEnd) {
  return {{{"first", JsonEnd::kFirst}, {"last", JsonEnd::kLast}}};
}

namespace {

struct AddConfig {
  std::string path;
  std::string name;
  std::optional<std::string> value;
  std::optional<std::string> json;
  JsonEnd position = JsonEnd::kLast;
  PathNamespaces namespaces;
};

class Add final : public Processor {
 public:
  Add(DocumentPath<XmlTarget> path, NewValue value, const AddConfig& config,
      const ProcessorContext& context)
      : path_(std::move(path)),
        value_(std::move(value)),
        name_(config.name),
        end_(config.position),
        document_(context) {}

  Result<void> process(const DocumentView& document, Emitter& emitter) override {
    if (auto loaded = document_.load(document, emitter); !loaded) return loaded;
    auto added = document_.is_json() ? add_json(emitter) : add_xml(emitter);
    if (added) emitter.end();
    return added;
  }

 private:
  Result<void> add_xml(Emitter& emitter) {
    auto target = path_.for_xml();
    if (!target) return target.error();
    auto text = value_.for_xml();
    if (!text) return text.error();
    const XmlAddition addition{name_, *text, end_ == JsonEnd::kFirst};
    if (auto added = document_.xml().add(**target, addition); !added) return added;
    document_.xml().write(emitter.begin(Format::kXml));
    return {};
  }

  Result<void> add_json(Emitter& emitter) {
    auto pointer = path_.for_json();
    if (!pointer) return pointer.error();
    const JsonTape& tape = document_.json();
    const auto place = (*pointer)->find(tape);
    if (!place) {
      return malformed(fmt::format("{}: nothing in the document matches", path_.text()));
    }
    const JsonNode::Kind kind = tape.nodes[place->value].kind;
    if (kind == JsonNode::Kind::kArray) {
      if (name_ != "-") {
        return malformed(fmt::format(
            "{}: is an array; expected the name '-' for an item, found '{}'", path_.text(), name_));
      }
      insert_item(tape, place->value, end_, value_.for_json(), emitter.begin(Format::kJson));
      return {};
    }
    if (kind != JsonNode::Kind::kObject) {
      return malformed(fmt::format("{}: is neither an object nor an array", path_.text()));
    }
    if (find_member(tape, place->value, name_)) {
      return malformed(
          fmt::format("{}: member '{}' is there already; use set", path_.text(), name_));
    }
    insert_member(tape, place->value, end_, name_, value_.for_json(), emitter.begin(Format::kJson));
    return {};
  }

  DocumentPath<XmlTarget> path_;
  NewValue value_;
  std::string name_;
  JsonEnd end_;
  OpenDocument document_;
};

Result<std::unique_ptr<Processor>> make(const std::any& settings, const ProcessorContext& context) {
  const auto& config = std::any_cast<const AddConfig&>(settings);
  auto path = DocumentPath<XmlTarget>::compile(config.path, config.namespaces);
  if (!path) return path.error();
  auto value = NewValue::make(config.value, config.json);
  if (!value) return value.error();
  return std::unique_ptr<Processor>(
      std::make_unique<Add>(std::move(*path), std::move(*value), config, context));
}

std::optional<std::string> problem(const AddConfig& config) {
  if (auto wrong = path_problem<XmlTarget>(config.path, config.namespaces)) return wrong;
  // A path that may be one of JSON leaves the name open: a member's may be any text.
  if (JsonPointer::parse(config.path)) return std::nullopt;
  const std::string_view name = config.name;
  const std::string wrong = xml_name_problem(name.substr(name.starts_with('@') ? 1 : 0));
  return wrong.empty() ? std::nullopt : std::optional("name: " + wrong);
}

}  // namespace

ProcessorComponent add_processor() {
  return {Schema<AddConfig>(
              "add",
              "Adds an element or attribute to each element that an XPath finds, also where there "
              "are such elements already; to the object or array at a JSON Pointer a member or an "
              "item.")
              .field("path", &AddConfig::path,
                     "What it is added to. For XML an XPath 1.0 from the root element, for JSON a "
                     "JSON Pointer.",
                     required, example("chapter"))
              .field("name", &AddConfig::name,
                     "Of an element, '@name' of an attribute; of a member, '-' for an item.",
                     required, example("note"))
              .field("value", &AddConfig::value, kValueMeaning, example("draft"))
              .field("json", &AddConfig::json, kJsonMeaning, example("12.00"), check(check_json))
              .field("position", &AddConfig::position, "Before or behind what is there.")
              .field("namespaces", &AddConfig::namespaces, kNamespacesMeaning,
                     example("{ o: 'urn:orders' }"))
              .exactly_one({"value", "json"})
              .consistent(problem),
          make};
}

}  // namespace docmill
