#include "transformer/processors/remove.h"

#include "shared/config/schema.h"
#include "shared/document/json_edit.h"
#include "transformer/open_document.h"

namespace docmill {
namespace {

struct RemoveConfig {
  std::string path;
  PathNamespaces namespaces;
};

class Remove final : public Processor {
 public:
  Remove(DocumentPath<XmlTarget> path, const ProcessorContext& context)
      : path_(std::move(path)), document_(context) {}

  Result<void> process(const DocumentView& document, Emitter& emitter) override {
    if (auto loaded = document_.load(document, emitter); !loaded) return loaded;
    auto removed = document_.is_json() ? remove_json(emitter) : remove_xml(emitter);
    if (removed) emitter.end();
    return removed;
  }

 private:
  Result<void> remove_xml(Emitter& emitter) {
    auto target = path_.for_xml();
    if (!target) return target.error();
    if (auto removed = document_.xml().remove(**target); !removed) return removed;
    document_.xml().write(emitter.begin(Format::kXml));
    return {};
  }

  Result<void> remove_json(Emitter& emitter) {
    auto pointer = path_.for_json();
    if (!pointer) return pointer.error();
    const auto place = (*pointer)->find(document_.json());
    if (!place) {
      emitter.begin(Format::kJson) += document_.json().source;
    } else if (place->parent == JsonPlace::kNone) {
      return malformed("the whole document cannot be removed; use drop");
    } else {
      remove_value(document_.json(), *place, emitter.begin(Format::kJson));
    }
    return {};
  }

  DocumentPath<XmlTarget> path_;
  OpenDocument document_;
};

Result<std::unique_ptr<Processor>> make(const std::any& settings, const ProcessorContext& context) {
  const auto& config = std::any_cast<const RemoveConfig&>(settings);
  auto path = DocumentPath<XmlTarget>::compile(config.path, config.namespaces);
  if (!path) return path.error();
  return std::unique_ptr<Processor>(std::make_unique<Remove>(std::move(*path), context));
}

std::optional<std::string> problem(const RemoveConfig& config) {
  return path_problem<XmlTarget>(config.path, config.namespaces);
}

}  // namespace

ProcessorComponent remove_processor() {
  return {Schema<RemoveConfig>(
              "remove",
              "Removes the elements, attributes, texts and comments that an XPath finds, or the "
              "member or item at a JSON Pointer. A document without any passes as it is.")
              .field("path", &RemoveConfig::path, kPathMeaning, required, example("chapter/note"))
              .field("namespaces", &RemoveConfig::namespaces, kNamespacesMeaning,
                     example("{ o: 'urn:orders' }"))
              .shorthand("path")
              .consistent(problem),
          make};
}

}  // namespace docmill
