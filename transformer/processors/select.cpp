#include "transformer/processors/select.h"

#include "shared/config/schema.h"
#include "shared/document/xml_tree.h"

namespace docmill {
namespace {

struct SelectConfig {
  std::string path;
};

class Select final : public Processor {
 public:
  Select(XmlPath path, const ProcessorContext& context)
      : path_(std::move(path)), tree_({.limits = context.limits}) {}

  Result<void> process(const DocumentView& document, Emitter& emitter) override {
    if (auto loaded = tree_.load(document.bytes); !loaded) return loaded;
    results_.clear();
    tree_.select(path_, results_);
    for (const XmlSelection& result : results_) {
      emitter.begin(result.format) += result.bytes;
      emitter.end();
    }
    return {};
  }

 private:
  XmlPath path_;
  XmlTree tree_;
  std::vector<XmlSelection> results_;
};

Result<std::unique_ptr<Processor>> make(const std::any& settings, const ProcessorContext& context) {
  auto path = XmlPath::compile(std::any_cast<const SelectConfig&>(settings).path);
  if (!path) return path.error();
  return std::unique_ptr<Processor>(std::make_unique<Select>(std::move(*path), context));
}

std::optional<std::string> check_path(const std::string& path) {
  auto compiled = XmlPath::compile(path);
  return compiled ? std::nullopt : std::optional(compiled.error().text);
}

}  // namespace

ProcessorComponent select_processor() {
  return {Schema<SelectConfig>(
              "select",
              "Makes a document of each element that an XPath finds, and of each text or "
              "attribute. A document in which it finds nothing is filtered.")
              .field("path", &SelectConfig::path, "XPath 1.0, from the root element.", required,
                     example("chapter/title"), check(check_path)),
          make};
}

}  // namespace docmill
