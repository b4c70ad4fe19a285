#include "transformer/processors/to_json.h"

#include "shared/config/schema.h"
#include "shared/document/compact_writer.h"
#include "shared/document/xml_reader.h"

namespace docmill {
namespace {

struct ToJsonConfig {
  std::vector<std::string> force_list;
};

class ToJson final : public Processor {
 public:
  ToJson(ForceList force_list, const ProcessorContext& context)
      : reader_({.limits = context.limits}), writer_(std::move(force_list)) {}

  Result<void> process(const DocumentView& document, Emitter& emitter) override {
    if (document.format == Format::kJson) {
      emitter.begin(Format::kJson) += document.bytes;
      emitter.end();
      return {};
    }
    auto tape = reader_.read(document.bytes);
    if (!tape) return tape.error();
    writer_.write(**tape, emitter.begin(Format::kJson));
    emitter.end();
    return {};
  }

 private:
  XmlReader reader_;
  CompactWriter writer_;
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
              "them is '#text', repeated elements become a list, values stay strings. JSON passes "
              "as it is.")
              .field("force_list", &ToJsonConfig::force_list,
                     "Elements that become a list even when they stand alone: names, or paths from "
                     "the root.",
                     example("[author, /catalog/book/award]"), check(check_entry)),
          make};
}

}  // namespace docmill
