#include "transformer/processors/text.h"

#include "shared/config/schema.h"
#include "shared/document/json_writer.h"
#include "transformer/open_document.h"

namespace docmill {
namespace {

struct TextConfig {
  std::optional<std::string> path;
  std::string separator = "\n";
  PathNamespaces namespaces;
};

class Text final : public Processor {
 public:
  Text(std::optional<DocumentPath<XmlPath>> path, DocumentPath<XmlPath> root, std::string separator,
       const ProcessorContext& context)
      : path_(std::move(path)),
        root_(std::move(root)),
        separator_(std::move(separator)),
        document_(context) {}

  Result<void> process(const DocumentView& document, Emitter& emitter) override {
    if (auto loaded = document_.load(document, emitter); !loaded) return loaded;
    auto texts = document_.is_json() ? json_texts() : document_.texts(path_ ? *path_ : root_);
    if (!texts) return texts.error();
    if (texts->empty() && path_) return {};
    std::string& out = emitter.begin(Format::kText);
    for (std::size_t i = 0; i < texts->size(); ++i) {
      if (i > 0) out += separator_;
      out += (*texts)[i];
    }
    emitter.end();
    return {};
  }

 private:
  // Of the strings, numbers and booleans of the value, in order.
  Result<std::vector<std::string>> json_texts() const {
    std::vector<std::string> texts;
    const JsonTape& tape = document_.json();
    JsonPlace place;
    if (path_) {
      auto pointer = path_->for_json();
      if (!pointer) return pointer.error();
      const auto found = (*pointer)->find(tape);
      if (!found) return texts;
      place = *found;
    }
    std::vector<bool> is_key(tape.nodes.size());
    for (std::uint32_t i = place.value; i < tape.nodes[place.value].end; ++i) {
      const JsonNode& node = tape.nodes[i];
      if (node.kind == JsonNode::Kind::kObject) {
        for (std::uint32_t k = i + 1; k < node.end; k = tape.nodes[k + 1].end) is_key[k] = true;
      } else if (!is_key[i] && node.kind != JsonNode::Kind::kArray &&
                 node.kind != JsonNode::Kind::kNull) {
        texts.push_back(json_content(tape, i));
      }
    }
    return texts;
  }

  std::optional<DocumentPath<XmlPath>> path_;
  DocumentPath<XmlPath> root_;
  std::string separator_;
  OpenDocument document_;
};

Result<std::unique_ptr<Processor>> make(const std::any& settings, const ProcessorContext& context) {
  const auto& config = std::any_cast<const TextConfig&>(settings);
  std::optional<DocumentPath<XmlPath>> path;
  if (config.path) {
    auto compiled = DocumentPath<XmlPath>::compile(*config.path, config.namespaces);
    if (!compiled) return compiled.error();
    path = std::move(*compiled);
  }
  auto root = DocumentPath<XmlPath>::compile(".");
  if (!root) return root.error();
  return std::unique_ptr<Processor>(
      std::make_unique<Text>(std::move(path), std::move(*root), config.separator, context));
}

std::optional<std::string> problem(const TextConfig& config) {
  return config.path ? path_problem<XmlPath>(*config.path, config.namespaces) : std::nullopt;
}

}  // namespace

ProcessorComponent text_processor() {
  return {Schema<TextConfig>("text",
                             "Makes text of a document: all text between the tags of XML, the "
                             "strings, numbers and booleans of JSON, in their order.")
              .field("path", &TextConfig::path,
                     "Only the text of what it finds: for XML an XPath 1.0 from the root element, "
                     "for JSON a JSON Pointer. A document in which it finds nothing is filtered.",
                     example("chapter/title"))
              .field("separator", &TextConfig::separator,
                     "Between the values of JSON, and between what an XPath finds.")
              .field("namespaces", &TextConfig::namespaces, kNamespacesMeaning,
                     example("{ o: 'urn:orders' }"))
              .shorthand("path")
              .consistent(problem),
          make};
}

}  // namespace docmill
