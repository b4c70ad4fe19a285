#include "transformer/processors/to_json.h"

#include "shared/config/schema.h"
#include "shared/document/json_scanner.h"
#include "shared/document/json_writer.h"
#include "shared/document/xml_to_json.h"

namespace docmill {
namespace {

struct ToJsonConfig {
  std::vector<std::string> force_list;
};

class ToJson final : public Processor {
 public:
  ToJson(ForceList force_list, const ProcessorContext& context)
      : converter_({.limits = context.limits}, std::move(force_list)),
        scanner_(JsonReadOptions{json_limits(context.limits)}) {}

  Result<void> process(const DocumentView& document, Emitter& emitter) override {
    if (document.format == Format::kJson) {
      auto scanned = scanner_.scan(document.bytes, tape_);
      if (!scanned) return scanned;
      append_json(tape_, 0, emitter.begin(Format::kJson));
      emitter.end();
      return {};
    }
    auto converted = converter_.convert(document.bytes, emitter.begin(Format::kJson));
    if (!converted) return converted;
    emitter.end();
    return {};
  }

 private:
  XmlToJson converter_;
  JsonScanner scanner_;
  JsonTape tape_;
};

Result<std::unique_ptr<Processor>> make(const std::any& settings, const ProcessorContext& context) {
  auto force_list = ForceList::parse(std::any_cast<const ToJsonConfig&>(settings).force_list);
  if (!force_list) return force_list.error();
  return std::unique_ptr<Processor>(std::make_unique<ToJson>(std::move(*force_list), context));
}

std::optional<std::string> check_entry(const std::string& entry) {
  auto parsed = ForceList::parse(std::span(&entry, 1));
  return parsed ? std::nullopt : std::optional(parsed.error().text);
}

}  // namespace

ProcessorComponent to_json_processor() {
  return {Schema<ToJsonConfig>(
              "to_json",
              "Makes JSON of XML in the compact convention: attributes are '@name', text beside "
              "them is '#text', repeated elements become a list, values stay strings. JSON is "
              "checked and keeps all but the white space between its tokens.")
              .field("force_list", &ToJsonConfig::force_list,
                     "Elements that become a list even when they stand alone: names, or paths from "
                     "the root.",
                     example("[author, /catalog/book/award]"), check(check_entry)),
          make};
}

}  // namespace docmill
