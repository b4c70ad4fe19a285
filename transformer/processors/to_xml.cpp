#include "transformer/processors/to_xml.h"

#include <array>

#include "shared/config/schema.h"
#include "shared/document/json_to_xml.h"
#include "shared/document/notes.h"
#include "shared/document/xml_text.h"

namespace docmill {

constexpr std::array<EnumName<DuplicateKeys>, 3> enum_names(DuplicateKeys) {
  return {{{"reject", DuplicateKeys::kReject},
           {"first", DuplicateKeys::kFirst},
           {"last", DuplicateKeys::kLast}}};
}

constexpr std::array<EnumName<ControlCharacters>, 3> enum_names(ControlCharacters) {
  return {{{"reject", ControlCharacters::kReject},
           {"replace", ControlCharacters::kReplace},
           {"escape", ControlCharacters::kEscape}}};
}

namespace {

struct ToXmlConfig {
  JsonConvention convention = JsonConvention::kNatural;
  bool hints = true;
  ControlCharacters controls = ControlCharacters::kReject;
  DuplicateKeys duplicates = DuplicateKeys::kReject;
  std::string root;
  std::string item;
};

class ToXml final : public Processor {
 public:
  ToXml(const ToXmlConfig& config, const ProcessorContext& context)
      : reader_(context.xml),
        converter_({.limits = context.xml.limits,
                    .convention = config.convention,
                    .duplicates = config.duplicates,
                    .natural = {.hints = config.hints,
                                .controls = config.controls,
                                .root = config.root,
                                .item = config.item}}) {}

  Result<void> process(const DocumentView& document, Emitter& emitter) override {
    if (document.format == Format::kXml) {
      const auto read = reader_.read(document.bytes);
      if (!read) return read.error();
      if (reader_.lenient()) emitter.note(kParserNote, kLenientParser);
      emitter.begin(Format::kXml) += reader_.lenient() ? (*read)->source : document.bytes;
    } else {
      auto losses = converter_.convert(document.bytes, emitter.begin(Format::kXml));
      if (!losses) return losses.error();
      if (!losses->empty()) emitter.note(kLossNote, losses->text());
    }
    emitter.end();
    return {};
  }

 private:
  XmlReader reader_;
  JsonToXml converter_;
};

Result<std::unique_ptr<Processor>> make(const std::any& settings, const ProcessorContext& context) {
  const auto& config = std::any_cast<const ToXmlConfig&>(settings);
  return std::unique_ptr<Processor>(std::make_unique<ToXml>(config, context));
}

std::optional<std::string> check_convention(const JsonConvention& convention) {
  if (convention != JsonConvention::kParker) return std::nullopt;
  return "parker cannot be read back; choose another";
}

std::optional<std::string> check_name(const std::string& name) {
  const bool plain = is_qname(name) && name.find(':') == std::string::npos;
  return plain ? std::nullopt : std::optional<std::string>("expected a name of XML without ':'");
}

}  // namespace

ProcessorComponent to_xml_processor() {
  return {
      Schema<ToXmlConfig>("to_xml",
                          "Makes XML of JSON. 'xpath31' is fn:json-to-xml. 'natural' takes any "
                          "JSON: a key is an element, an "
                          "array its repetition, and hints say what the shape does not; the other "
                          "conventions read back what was XML once. XML is checked and passes as "
                          "it is.")
          .field("convention", &ToXmlConfig::convention,
                 "How the JSON stands for XML; parker cannot be read back.",
                 check(check_convention))
          .field("hints", &ToXmlConfig::hints,
                 "In natural: attributes of urn:docmill:json keep types and lists, so that the "
                 "same JSON can be made of it again.")
          .field("controls", &ToXmlConfig::controls,
                 "In natural and xpath31: what becomes of characters in strings that XML cannot "
                 "carry.")
          .field("duplicates", &ToXmlConfig::duplicates,
                 "Which member stays when an object has a key twice.")
          .field("root", &ToXmlConfig::root,
                 "In natural: the root element of JSON that is no object with one key.",
                 example("catalog"), check(check_name))
          .field("item", &ToXmlConfig::item,
                 "In natural: the element of an item whose array has no key.", example("entry"),
                 check(check_name))
          .shorthand("convention"),
      make};
}

}  // namespace docmill
