#include "transformer/note_processor.h"

#include <fmt/format.h>

#include <optional>

#include "shared/config/schema.h"
#include "transformer/open_document.h"

namespace docmill {
namespace {

struct NoteConfig {
  std::optional<std::string> path;
  std::optional<std::string> value;
  std::optional<std::string> standard;
  PathNamespaces namespaces;
};

class NoteProcessor final : public Processor {
 public:
  NoteProcessor(std::string_view note, const NoteConfig& config,
                std::optional<DocumentPath<XmlPath>> path, const ProcessorContext& context)
      : note_(note), config_(config), path_(std::move(path)), document_(context) {}

  Result<void> process(const DocumentView& document, Emitter& emitter) override {
    if (auto loaded = document_.load(document); !loaded) return loaded;
    const auto text = text_of_document();
    if (!text) return text.error();
    emitter.begin(document.format) += document.bytes;
    emitter.note(note_, *text);
    emitter.end();
    return {};
  }

 private:
  Result<std::string> text_of_document() const {
    if (!path_) return config_.value.value_or("");
    auto texts = document_.texts(*path_);
    if (!texts) return texts.error();
    if (!texts->empty()) return texts->front();
    if (config_.standard) return *config_.standard;
    return malformed(fmt::format(
        "{}: nothing in the document matches; give a default to let it pass", path_->text()));
  }

  std::string_view note_;
  NoteConfig config_;
  std::optional<DocumentPath<XmlPath>> path_;
  OpenDocument document_;
};

std::optional<std::string> problem(const NoteConfig& config) {
  if (config.path) return path_problem<XmlPath>(*config.path, config.namespaces);
  return config.standard ? std::optional<std::string>("default: only beside 'path'") : std::nullopt;
}

}  // namespace

ProcessorComponent note_processor(std::string key, std::string summary, std::string_view note) {
  const auto make = [note](const std::any& settings,
                           const ProcessorContext& context) -> Result<std::unique_ptr<Processor>> {
    const auto& config = std::any_cast<const NoteConfig&>(settings);
    std::optional<DocumentPath<XmlPath>> path;
    if (config.path) {
      auto compiled = DocumentPath<XmlPath>::compile(*config.path, config.namespaces);
      if (!compiled) return compiled.error();
      path = std::move(*compiled);
    }
    return std::unique_ptr<Processor>(
        std::make_unique<NoteProcessor>(note, config, std::move(path), context));
  };
  return {Schema<NoteConfig>(std::move(key), std::move(summary))
              .field("path", &NoteConfig::path,
                     "The text of the first thing that it finds: for XML an XPath 1.0 from the "
                     "root element, for JSON a JSON Pointer.",
                     example("customer/@region"))
              .field("value", &NoteConfig::value, "In place of `path`: the same text for all.",
                     example("orders"))
              .field("default", &NoteConfig::standard,
                     "The text of a document in which the path finds nothing; without it that is a "
                     "dead letter.",
                     example("other"))
              .field("namespaces", &NoteConfig::namespaces, kNamespacesMeaning,
                     example("{ o: 'urn:orders' }"))
              .exactly_one({"path", "value"})
              .consistent(problem),
          make};
}

}  // namespace docmill
