#include "transformer/processors/validate.h"

#include <fmt/format.h>

#include <filesystem>
#include <optional>

#include "shared/config/schema.h"
#include "shared/document/json_scanner.h"
#include "shared/document/json_schema.h"
#include "shared/document/notes.h"
#include "shared/document/xml_reader.h"
#include "shared/document/xml_schema.h"

namespace docmill {
namespace {

struct ValidateConfig {
  std::optional<std::filesystem::path> xsd;
  std::optional<std::filesystem::path> relax_ng;
  std::optional<std::filesystem::path> json_schema;
};

class ValidateXml final : public Processor {
 public:
  ValidateXml(XmlSchema schema, const ProcessorContext& context)
      : schema_(std::move(schema)), reader_(context.xml) {}

  Result<void> process(const DocumentView& document, Emitter& emitter) override {
    if (document.format == Format::kJson) {
      return malformed("the document is JSON, and the schema is one for XML");
    }
    const auto tape = reader_.read(document.bytes);
    if (!tape) return tape.error();
    if (auto valid = schema_.validate((*tape)->source); !valid) return valid;
    if (reader_.lenient()) emitter.note(kParserNote, kLenientParser);
    emitter.begin(document.format) += reader_.lenient() ? (*tape)->source : document.bytes;
    emitter.end();
    return {};
  }

 private:
  XmlSchema schema_;
  XmlReader reader_;
};

class ValidateJson final : public Processor {
 public:
  ValidateJson(JsonSchema schema, const ProcessorContext& context)
      : schema_(std::move(schema)), scanner_({.limits = json_limits(context.xml.limits)}) {}

  Result<void> process(const DocumentView& document, Emitter& emitter) override {
    if (document.format != Format::kJson) {
      return malformed("the document is not JSON, and the schema is one for JSON");
    }
    if (auto scanned = scanner_.scan(document.bytes, tape_); !scanned) return scanned;
    if (auto valid = schema_.validate(tape_); !valid) return valid;
    emitter.begin(document.format) += document.bytes;
    emitter.end();
    return {};
  }

 private:
  JsonSchema schema_;
  JsonScanner scanner_;
  JsonTape tape_;
};

Result<JsonSchema> load_json_schema(const std::filesystem::path& path, NamedFiles& files) {
  const auto text = files.read(path);
  auto schema = text ? JsonSchema::parse(*text) : Result<JsonSchema>(text.error());
  if (!schema) return config_error(fmt::format("{}: {}", path.string(), schema.error().text));
  return schema;
}

Result<std::unique_ptr<Processor>> make(const std::any& settings, const ProcessorContext& context) {
  const auto& config = std::any_cast<const ValidateConfig&>(settings);
  if (config.json_schema) {
    auto schema = load_json_schema(*config.json_schema, *context.files);
    if (!schema) return schema.error();
    return std::unique_ptr<Processor>(std::make_unique<ValidateJson>(std::move(*schema), context));
  }
  auto schema =
      config.xsd ? XmlSchema::load(*config.xsd, XmlSchema::Language::kXsd, *context.files)
                 : XmlSchema::load(*config.relax_ng, XmlSchema::Language::kRelaxNg, *context.files);
  if (!schema) return schema.error();
  return std::unique_ptr<Processor>(std::make_unique<ValidateXml>(std::move(*schema), context));
}

}  // namespace

ProcessorComponent validate_processor() {
  return {Schema<ValidateConfig>(
              "validate",
              "Lets only valid documents through, as they are; any other is a dead letter with the "
              "place and what the schema says. The schema and what it imports are read once, when "
              "the producer "
              "starts or reloads; nothing is fetched from a network.")
              .field("xsd", &ValidateConfig::xsd, "A file of XML Schema 1.0, for XML.",
                     example("schema/catalog.xsd"))
              .field("relax_ng", &ValidateConfig::relax_ng,
                     "A file of RELAX NG in XML's syntax, for XML.", example("schema/catalog.rng"))
              .field("json_schema", &ValidateConfig::json_schema,
                     "A file of JSON Schema, draft 4 or 7 as its `$schema` says (7 without one), "
                     "for JSON. `format` is not checked, numbers are 64-bit integers or doubles, "
                     "a `$ref` leads only to places in the same file, and a `pattern` has neither "
                     "backreferences nor lookaround.",
                     example("schema/catalog.json"))
              .exactly_one({"xsd", "relax_ng", "json_schema"}),
          make};
}

}  // namespace docmill
