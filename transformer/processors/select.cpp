#include "transformer/processors/select.h"

#include "shared/config/schema.h"
#include "shared/document/json_writer.h"
#include "transformer/open_document.h"

namespace docmill {
namespace {

struct SelectConfig {
  std::string path;
  PathNamespaces namespaces;
};

class Select final : public Processor {
 public:
  Select(DocumentPath<XmlPath> path, const ProcessorContext& context)
      : path_(std::move(path)), document_(context) {}

  Result<void> process(const DocumentView& document, Emitter& emitter) override {
    if (auto loaded = document_.load(document, emitter); !loaded) return loaded;
    return document_.is_json() ? select_json(emitter) : select_xml(emitter);
  }

 private:
  Result<void> select_xml(Emitter& emitter) {
    auto path = path_.for_xml();
    if (!path) return path.error();
    results_.clear();
    document_.xml().select(**path, results_);
    for (const XmlSelection& result : results_) {
      emitter.begin(result.format) += result.bytes;
      emitter.end();
    }
    return {};
  }

  Result<void> select_json(Emitter& emitter) {
    auto pointer = path_.for_json();
    if (!pointer) return pointer.error();
    if (const auto place = (*pointer)->find(document_.json())) {
      append_json(document_.json(), place->value, emitter.begin(Format::kJson));
      emitter.end();
    }
    return {};
  }

  DocumentPath<XmlPath> path_;
  OpenDocument document_;
  std::vector<XmlSelection> results_;
};

Result<std::unique_ptr<Processor>> make(const std::any& settings, const ProcessorContext& context) {
  const auto& config = std::any_cast<const SelectConfig&>(settings);
  auto path = DocumentPath<XmlPath>::compile(config.path, config.namespaces);
  if (!path) return path.error();
  return std::unique_ptr<Processor>(std::make_unique<Select>(std::move(*path), context));
}

std::optional<std::string> problem(const SelectConfig& config) {
  return path_problem<XmlPath>(config.path, config.namespaces);
}

}  // namespace

ProcessorComponent select_processor() {
  return {Schema<SelectConfig>(
              "select",
              "Makes a document of each element that an XPath finds, and of each text or "
              "attribute; of JSON one of the value at a JSON Pointer. A document in which it finds "
              "nothing is filtered.")
              .field("path", &SelectConfig::path, kPathMeaning, required, example("chapter/title"))
              .field("namespaces", &SelectConfig::namespaces, kNamespacesMeaning,
                     example("{ o: 'urn:orders' }"))
              .shorthand("path")
              .consistent(problem),
          make};
}

}  // namespace docmill
