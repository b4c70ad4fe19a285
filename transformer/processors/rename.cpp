#include "transformer/processors/rename.h"

#include <fmt/format.h>

#include "shared/config/schema.h"
#include "shared/document/json_edit.h"
#include "transformer/open_document.h"

namespace docmill {
namespace {

struct RenameConfig {
  std::string path;
  std::string name;
  PathNamespaces namespaces;
};

class Rename final : public Processor {
 public:
  Rename(DocumentPath<XmlTarget> path, std::string name, const ProcessorContext& context)
      : path_(std::move(path)), name_(std::move(name)), document_(context) {}

  Result<void> process(const DocumentView& document, Emitter& emitter) override {
    if (auto loaded = document_.load(document, emitter); !loaded) return loaded;
    auto renamed = document_.is_json() ? rename_json(emitter) : rename_xml(emitter);
    if (renamed) emitter.end();
    return renamed;
  }

 private:
  Result<void> rename_xml(Emitter& emitter) {
    auto target = path_.for_xml();
    if (!target) return target.error();
    if (auto renamed = document_.xml().rename(**target, name_); !renamed) return renamed;
    document_.xml().write(emitter.begin(Format::kXml));
    return {};
  }

  Result<void> rename_json(Emitter& emitter) {
    auto pointer = path_.for_json();
    if (!pointer) return pointer.error();
    const JsonTape& tape = document_.json();
    const auto place = (*pointer)->find(tape);
    if (!place) {
      emitter.begin(Format::kJson) += tape.source;
      return {};
    }
    if (place->key == JsonPlace::kNone) {
      return malformed(fmt::format("{}: only a member of an object has a name", path_.text()));
    }
    const auto twin = find_member(tape, place->parent, name_);
    if (twin && twin->key != place->key) {
      return malformed(fmt::format("{}: member '{}' is there already", path_.text(), name_));
    }
    rename_member(tape, *place, name_, emitter.begin(Format::kJson));
    return {};
  }

  DocumentPath<XmlTarget> path_;
  std::string name_;
  OpenDocument document_;
};

Result<std::unique_ptr<Processor>> make(const std::any& settings, const ProcessorContext& context) {
  const auto& config = std::any_cast<const RenameConfig&>(settings);
  auto path = DocumentPath<XmlTarget>::compile(config.path, config.namespaces);
  if (!path) return path.error();
  return std::unique_ptr<Processor>(
      std::make_unique<Rename>(std::move(*path), config.name, context));
}

std::optional<std::string> problem(const RenameConfig& config) {
  if (auto wrong = path_problem<XmlTarget>(config.path, config.namespaces)) return wrong;
  // A path that may be one of JSON leaves the name open: a member's may be any text.
  if (JsonPointer::parse(config.path)) return std::nullopt;
  const std::string wrong = xml_name_problem(config.name);
  return wrong.empty() ? std::nullopt : std::optional("name: " + wrong);
}

}  // namespace

ProcessorComponent rename_processor() {
  return {Schema<RenameConfig>(
              "rename",
              "Gives the elements and attributes that an XPath finds, or the member at a JSON "
              "Pointer, another name. A document without any passes as it is.")
              .field("path", &RenameConfig::path, kPathMeaning, required, example("chapter/note"))
              .field("name", &RenameConfig::name, "The new name; without '@' for attributes too.",
                     required, example("remark"))
              .field("namespaces", &RenameConfig::namespaces, kNamespacesMeaning,
                     example("{ o: 'urn:orders' }"))
              .consistent(problem),
          make};
}

}  // namespace docmill
