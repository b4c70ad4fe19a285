#include "transformer/processors/to_json.h"

#include <map>

#include "shared/config/schema.h"
#include "shared/document/json_scanner.h"
#include "shared/document/json_writer.h"
#include "shared/document/notes.h"
#include "shared/document/xml_to_json.h"
#include "transformer/loss_report.h"

namespace docmill {
namespace {

enum class Names { kAsWritten, kByNamespace };
constexpr std::array<EnumName<Names>, 2> enum_names(Names) {
  return {{{"as_written", Names::kAsWritten}, {"by_namespace", Names::kByNamespace}}};
}

enum class Infer { kNothing, kSafe };
constexpr std::array<EnumName<Infer>, 2> enum_names(Infer) {
  return {{{"nothing", Infer::kNothing}, {"safe", Infer::kSafe}}};
}

struct ToJsonConfig {
  JsonConvention convention = JsonConvention::kCompact;
  std::vector<std::string> force_list;
  std::map<std::string, ValueType> types;
  Infer infer = Infer::kNothing;
  WhitespacePolicy whitespace = WhitespacePolicy::kUsual;
  Names names = Names::kAsWritten;
  std::map<std::string, std::string> namespaces;
  bool comments = false;
  bool instructions = false;
  bool cdata = false;
  LossPolicy on_loss = LossPolicy::kPass;
};

Result<JsonOptions> options_of(const ToJsonConfig& config) {
  JsonOptions options;
  auto force_list = ForceList::parse(config.force_list);
  if (!force_list) return force_list.error();
  auto types = ValueTypes::parse(config.types);
  if (!types) return types.error();
  options.convention = config.convention;
  options.force_list = std::move(*force_list);
  options.types = std::move(*types);
  options.infer_numbers = config.infer == Infer::kSafe;
  options.whitespace = config.whitespace;
  options.by_namespace = config.names == Names::kByNamespace;
  options.namespaces = config.namespaces;
  options.comments = config.comments;
  options.instructions = config.instructions;
  options.cdata = config.cdata;
  options.on_loss = config.on_loss;
  return options;
}

class ToJson final : public Processor {
 public:
  ToJson(const JsonOptions& options, const ProcessorContext& context)
      : warns_(options.on_loss == LossPolicy::kWarn),
        converter_(context.xml, options),
        scanner_(JsonReadOptions{json_limits(context.xml.limits)}),
        report_("to_json", context.log) {}

  Result<void> process(const DocumentView& document, Emitter& emitter) override {
    if (document.format == Format::kJson) {
      auto scanned = scanner_.scan(document.bytes, tape_);
      if (!scanned) return scanned;
      append_json(tape_, 0, emitter.begin(Format::kJson));
    } else {
      auto losses = converter_.convert(document.bytes, emitter.begin(Format::kJson));
      if (!losses) return losses.error();
      if (converter_.lenient()) emitter.note(kParserNote, kLenientParser);
      if (!losses->empty()) {
        LossReport::note(*losses, document, emitter);
        if (warns_) report_.log(*losses, document);
      }
    }
    emitter.end();
    return {};
  }

 private:
  bool warns_;
  XmlToJson converter_;
  JsonScanner scanner_;
  JsonTape tape_;
  LossReport report_;
};

Result<std::unique_ptr<Processor>> make(const std::any& settings, const ProcessorContext& context) {
  auto options = options_of(std::any_cast<const ToJsonConfig&>(settings));
  if (!options) return options.error();
  return std::unique_ptr<Processor>(std::make_unique<ToJson>(*options, context));
}

std::optional<std::string> inconsistency(const ToJsonConfig& config) {
  auto options = options_of(config);
  if (!options) return options.error().text;
  std::string problem = options->problem();
  return problem.empty() ? std::nullopt : std::optional(std::move(problem));
}

std::optional<std::string> check_entry(const std::string& entry) {
  auto parsed = ForceList::parse(std::span(&entry, 1));
  return parsed ? std::nullopt : std::optional(parsed.error().text);
}

}  // namespace

ProcessorComponent to_json_processor() {
  return {Schema<ToJsonConfig>(
              "to_json",
              "Makes JSON of XML, in one of the conventions of docs/conventions.md. JSON is "
              "checked and keeps all but the white space between its tokens.")
              .field("convention", &ToJsonConfig::convention,
                     "How JSON says what XML says; ordered loses nothing.")
              .field("force_list", &ToJsonConfig::force_list,
                     "Elements that become a list even when they stand alone: names, paths from "
                     "the root, or '*' for all.",
                     example("[author, /catalog/book/award]"), check(check_entry))
              .field("types", &ToJsonConfig::types,
                     "Texts that become numbers or booleans, or are checked to be dates, by name "
                     "or path of an element or an attribute; everything else stays a string.",
                     example("{ price: number, '@id': integer }"))
              .field("infer", &ToJsonConfig::infer,
                     "safe: a text is a number where every JSON reader writes the same bytes back.")
              .field("whitespace", &ToJsonConfig::whitespace,
                     "What becomes of white space in text; usual is trim, or keep where the "
                     "convention makes lists.")
              .field("names", &ToJsonConfig::names,
                     "by_namespace: the prefixes of `namespaces` (or the URI), whatever prefixes a "
                     "document has.")
              .field("namespaces", &ToJsonConfig::namespaces,
                     "Prefix and URI, for names by_namespace.", example("{ o: 'urn:orders' }"))
              .field("comments", &ToJsonConfig::comments, "Keep comments, as '#comment'.")
              .field("instructions", &ToJsonConfig::instructions,
                     "Keep processing instructions, as '?target'.")
              .field("cdata", &ToJsonConfig::cdata,
                     "Keep CDATA sections apart from other text, as '#cdata'.")
              .field("on_loss", &ToJsonConfig::on_loss,
                     "When the JSON cannot say everything (order, mixed text, comments...): pass "
                     "only notes it, warn says it in the log too, error makes a dead letter, "
                     "ordered writes such an element's contents as a list in '#children'.")
              .shorthand("convention")
              .consistent(inconsistency),
          make};
}

}  // namespace docmill
