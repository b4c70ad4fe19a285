#include "transformer/processors/set.h"

#include "shared/config/schema.h"
#include "shared/document/xml_tree.h"

namespace docmill {
namespace {

struct SetConfig {
  std::string path;
  std::string value;
};

class Set final : public Processor {
 public:
  Set(XmlTarget target, std::string value, const ProcessorContext& context)
      : target_(std::move(target)), value_(std::move(value)), tree_({.limits = context.limits}) {}

  Result<void> process(const DocumentView& document, Emitter& emitter) override {
    if (auto loaded = tree_.load(document.bytes); !loaded) return loaded;
    if (auto set = tree_.set(target_, value_); !set) return set;
    tree_.write(emitter.begin(Format::kXml));
    emitter.end();
    return {};
  }

 private:
  XmlTarget target_;
  std::string value_;
  XmlTree tree_;
};

Result<std::unique_ptr<Processor>> make(const std::any& settings, const ProcessorContext& context) {
  const auto& config = std::any_cast<const SetConfig&>(settings);
  auto target = XmlTarget::compile(config.path);
  if (!target) return target.error();
  return std::unique_ptr<Processor>(
      std::make_unique<Set>(std::move(*target), config.value, context));
}

std::optional<std::string> check_path(const std::string& path) {
  auto target = XmlTarget::compile(path);
  return target ? std::nullopt : std::optional(target.error().text);
}

}  // namespace

ProcessorComponent set_processor() {
  return {Schema<SetConfig>(
              "set",
              "Gives every element or attribute of a path this content. One that is missing is "
              "created where its parent exists.")
              .field("path", &SetConfig::path,
                     "XPath from the root element; '@name' at its end is an attribute.", required,
                     example("price"), check(check_path))
              .field("value", &SetConfig::value, "The new content; text, never markup.", required,
                     example("\"12.00\"")),
          make};
}

}  // namespace docmill
