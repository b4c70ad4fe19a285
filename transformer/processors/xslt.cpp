#include "transformer/processors/xslt.h"

#include <filesystem>
#include <map>

#include "shared/config/schema.h"
#include "shared/document/notes.h"
#include "shared/document/xml_reader.h"
#include "shared/document/xml_stylesheet.h"

namespace docmill {
namespace {

struct XsltConfig {
  std::filesystem::path stylesheet;
  std::map<std::string, std::string> parameters;
  std::uint64_t operation_limit = StylesheetOptions{}.operations;
};

class Xslt final : public Processor {
 public:
  Xslt(XmlStylesheet stylesheet, const ProcessorContext& context)
      : stylesheet_(std::move(stylesheet)), reader_(context.xml) {}

  Result<void> process(const DocumentView& document, Emitter& emitter) override {
    if (document.format == Format::kJson) {
      return malformed("the document is JSON, and XSLT reads XML; put to_xml before");
    }
    const auto tape = reader_.read(document.bytes);
    if (!tape) return tape.error();
    made_.clear();
    const auto format = stylesheet_.transform((*tape)->source, made_);
    if (!format) return format.error();
    if (reader_.lenient()) emitter.note(kParserNote, kLenientParser);
    emitter.begin(*format) += made_;
    emitter.end();
    return {};
  }

 private:
  XmlStylesheet stylesheet_;
  XmlReader reader_;
  std::string made_;
};

Result<std::unique_ptr<Processor>> make(const std::any& settings, const ProcessorContext& context) {
  const auto& config = std::any_cast<const XsltConfig&>(settings);
  auto stylesheet = XmlStylesheet::load(config.stylesheet, *context.files,
                                        {.limits = context.xml.limits,
                                         .parameters = config.parameters,
                                         .operations = config.operation_limit});
  if (!stylesheet) return stylesheet.error();
  return std::unique_ptr<Processor>(std::make_unique<Xslt>(std::move(*stylesheet), context));
}

}  // namespace

ProcessorComponent xslt_processor() {
  return {Schema<XsltConfig>(
              "xslt",
              "Makes a document of XML by a stylesheet of XSLT 1.0: XML, or text where its "
              "xsl:output says so; HTML is text too. Both in UTF-8, whatever xsl:output says. JSON "
              "needs to_xml before it. What xsl:message says with terminate=\"yes\" is the reason "
              "of a dead letter; other messages are not kept. What generate-id() gives differs "
              "from run to run.")
              .field("stylesheet", &XsltConfig::stylesheet,
                     "The file; read once, when the producer starts or reloads. It may import and "
                     "include files of its own "
                     "folder and those below. Later neither it nor a document reads or writes a "
                     "file or asks a network: of document() only document('') works, and there "
                     "are no extensions but those of libxslt that make node-sets.",
                     required, example("style/catalog.xsl"))
              .field("parameters", &XsltConfig::parameters,
                     "Values of xsl:param at the top of the stylesheet, as texts.",
                     example("{ currency: EUR }"))
              .field("operation_limit", &XsltConfig::operation_limit,
                     "Steps of the stylesheet and of its XPath that one document may take; more "
                     "make a dead letter, as do templates more than 3000 deep. The memory of a "
                     "stylesheet has no limit but the machine's; when that is gone, the "
                     "transformer ends.",
                     at_least(1000))
              .shorthand("stylesheet"),
          make};
}

}  // namespace docmill
